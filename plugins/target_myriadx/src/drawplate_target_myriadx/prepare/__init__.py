# SPDX-License-Identifier: Apache-2.0
"""From any ONNX model to one that the Myriad X compiler reads as it is meant."""

from drawplate_target_myriadx.prepare.prepare import Prepared, prepare

__all__ = ["Prepared", "prepare"]
