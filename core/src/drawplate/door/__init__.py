# SPDX-License-Identifier: Apache-2.0
"""The one place where a model enters: tidied, checked against the original, every change noted.

What comes out has an opset that the tools read, fixed shapes but for the batch, nodes in order with names of their own,
weights as initializers, constants folded, quantizers of one domain, and float32 throughout.
"""

from drawplate.door.ends import Ends, ends_of, put_back, tail_of
from drawplate.door.enter import Entered, take_in
from drawplate.door.items import refuse_mixing
from drawplate.door.normalised import normalisation_behind
from drawplate.door.wish import Wish

__all__ = [
    "Ends",
    "Entered",
    "Wish",
    "ends_of",
    "normalisation_behind",
    "put_back",
    "refuse_mixing",
    "tail_of",
    "take_in",
]
