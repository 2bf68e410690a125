# SPDX-License-Identifier: Apache-2.0
"""A question whose answer is known, asked of everything that computes before it is believed."""

from drawplate.known.answer import RIGHT, ask, wrong
from drawplate.known.network import ANSWER, images, network

__all__ = ["ANSWER", "RIGHT", "ask", "images", "network", "wrong"]
