# SPDX-License-Identifier: Apache-2.0
"""Devices: found over USB, measured through a worker process that may be lost without harm."""

from drawplate_target_myriadx.device.measure import Measurement, Timing, measure_blob
from drawplate_target_myriadx.device.usb import find_devices, look

__all__ = ["Measurement", "Timing", "find_devices", "look", "measure_blob"]
