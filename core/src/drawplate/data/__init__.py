# SPDX-License-Identifier: Apache-2.0
"""Images and labels: whole sets in memory as uint8, split the same way every time."""

from drawplate.data.download import RemoteFile
from drawplate.data.model import Dataset, DatasetReader, Normalisation, Raw, Split
from drawplate.data.options import DataOptions
from drawplate.data.read import available, load_dataset, locate, read_data_table
from drawplate.data.record import normalisation_of, record_normalisation

__all__ = [
    "DataOptions",
    "Dataset",
    "DatasetReader",
    "Normalisation",
    "Raw",
    "RemoteFile",
    "Split",
    "available",
    "load_dataset",
    "locate",
    "normalisation_of",
    "read_data_table",
    "record_normalisation",
]
