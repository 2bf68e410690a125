# SPDX-License-Identifier: Apache-2.0
"""Myriad X blobs, read to the last byte."""

from drawplate_target_myriadx.blob.model import Blob, Buffer, Header, Operation, Place, Port, Stage, Tensor
from drawplate_target_myriadx.blob.read import read_blob

__all__ = ["Blob", "Buffer", "Header", "Operation", "Place", "Port", "Stage", "Tensor", "read_blob"]
