# SPDX-License-Identifier: Apache-2.0
"""Content-addressed results: the same step on the same inputs is never computed twice.

::

    STORE/objects/ab/abcd....onnx   models, named by the SHA-256 of their bytes
    STORE/builds/DIGEST/            what exports made
    STORE/results/KEY.json          what a call of a step gave
    STORE/derived/KIND/KEY/         data made once: teacher logits, a layer's synthesis
    STORE/work/KEY/                 work folder of an unfinished call; a killed run goes on from it
    STORE/runs/ID/                  what a run did: flow, versions, one JSON file per step, log

Every file appears under its final name only when it is complete.
"""

from drawplate.store.keys import result_key
from drawplate.store.layout import Store

__all__ = ["Store", "result_key"]
