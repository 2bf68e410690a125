# SPDX-License-Identifier: Apache-2.0
"""drawplate from Python: the engine of the command line, and results to work with.

    import drawplate as dp

    result = dp.run("first.toml", fit__epochs=5)
    result.metrics["top1"]
    dp.Model(zoo="mlp", hidden=[64, 64], data="digits").quantize(weight_bits=3).fit(epochs=5).ort().run()

Importing ``drawplate`` loads none of this, nor any framework; a name is loaded when it is used.
"""

from drawplate.api.calls import load, plan, run, runs, sweep
from drawplate.api.datasets import dataset
from drawplate.api.model import Model
from drawplate.api.planned import Planned
from drawplate.api.result import Metrics, RunResult, StepResult
from drawplate.api.swept import SweepResult

__all__ = [
    "Metrics",
    "Model",
    "Planned",
    "RunResult",
    "StepResult",
    "SweepResult",
    "dataset",
    "load",
    "plan",
    "run",
    "runs",
    "sweep",
]
