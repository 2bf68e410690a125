# SPDX-License-Identifier: Apache-2.0
"""Items of any shape and labels: whole sets in memory in their own type, split the same way every time."""

from drawplate.data.describe import describe
from drawplate.data.download import RemoteFile
from drawplate.data.model import Dataset, DatasetReader, Raw, Split
from drawplate.data.normalisation import Normalisation
from drawplate.data.options import DataOptions
from drawplate.data.read import available, load_dataset, locate, read_data_table
from drawplate.data.record import as_record, from_record, normalisation_of, record_normalisation
from drawplate.data.stand_in import NO_DATA, StandIn, stand_in

__all__ = [
    "NO_DATA",
    "DataOptions",
    "Dataset",
    "DatasetReader",
    "Normalisation",
    "Raw",
    "RemoteFile",
    "Split",
    "StandIn",
    "as_record",
    "available",
    "describe",
    "from_record",
    "load_dataset",
    "locate",
    "normalisation_of",
    "read_data_table",
    "record_normalisation",
    "stand_in",
]
