# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: TID253
"""Every ready-made quantizer of Brevitas in a small network: does it enter, train on, lower; and 40 training steps.

    python benchmarks/brevitas_quantizers.py

Run from the project's root.  Writes ``results/brevitas_quantizers.csv`` and ``results/brevitas_parity.csv``;
``docs/generate_brevitas.py`` makes a page of them.
"""

from __future__ import annotations

import importlib
import inspect
import math
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from _table import record
from brevitas import nn as qnn
from torch import nn

from drawplate.door import Wish, take_in
from drawplate.errors import DrawplateError
from drawplate.torch import OnnxModule
from drawplate.torch.exporter import Given
from drawplate_quant_finn.from_brevitas.export import exported
from drawplate_quant_finn.from_brevitas.scales import kind_of
from drawplate_quant_finn.lowering.network import lowering
from drawplate_quant_finn.lowering.proof.compare import compare
from drawplate_quant_finn.options import LowerOptions
from drawplate_quant_finn.training.torch_ops import handlers

INTEGERS = ("scaled_int", "fixed_point", "shifted_scaled_int", "binary", "ternary")
FLOATS = ("float", "float_quant_ocp", "float_quant_fnuz", "mx_quant_ocp")
SHAPE = (2, 4, 4)
CHANNELS = {"per_channel_broadcastable_shape": (1, 4, 1, 1), "scaling_stats_permute_dims": (1, 0, 2, 3)}
ITEMS = 64


def ready_made() -> Iterator[tuple[str, str, Any]]:
    """Yield room, name and class of every quantizer that can be named in a layer."""
    for room in (*INTEGERS, *FLOATS):
        module = importlib.import_module(f"brevitas.quant.{room}")
        for name, kind in vars(module).items():
            own = inspect.isclass(kind) and kind.__module__ == module.__name__
            if (
                own
                and not name.endswith("Mixin")
                and not name.startswith(("FpOCP", "FpFNUZ"))
                and hasattr(kind, "proxy_class")
            ):
                yield room, name, kind


def network(name: str, quantizer: Any) -> tuple[nn.Module, Any]:
    """Return a network in which a quantizer does what its name says, and the part that holds it."""
    given, features = qnn.QuantIdentity(bit_width=8, return_quant_tensor=True), math.prod(SHAPE)
    if "Weight" in name:
        layer = qnn.QuantLinear(features, 8, bias=False, weight_quant=quantizer)
        return nn.Sequential(nn.Flatten(), given, layer, qnn.QuantReLU(bit_width=4)), layer.weight_quant
    if "Bias" in name:
        more = {"bias_bit_width": 16} if name == "IntBias" else {}
        layer = qnn.QuantLinear(features, 8, bias=True, bias_quant=quantizer, **more)
        return nn.Sequential(nn.Flatten(), given, layer), layer.bias_quant
    if "8bit" in name:
        pool = qnn.TruncAvgPool2d(2, trunc_quant=quantizer)
        return nn.Sequential(given, pool, nn.Flatten()), pool.trunc_quant
    more = {"min_val": -2.0, "max_val": 2.0} if "Init" in name else {}
    more |= {"group_dim": 1} if name.startswith("MX") else {}
    more |= CHANNELS if "PerChannelFloat2d" in name else {}
    kind = qnn.QuantReLU if "Uint8" in name else qnn.QuantIdentity
    act = kind(act_quant=quantizer, **more)
    if "2d" in name:
        layers = [given, qnn.QuantConv2d(2, 4, 3, bias=False), act, nn.Flatten(), qnn.QuantLinear(16, 4, bias=False)]
    elif "1d" in name:
        convolution = qnn.QuantConv1d(2, 4, 3, bias=False)
        layers = [nn.Flatten(2), given, convolution, act, nn.Flatten(), qnn.QuantLinear(56, 4, bias=False)]
    else:
        first, last = qnn.QuantLinear(features, 8, bias=False), qnn.QuantLinear(8, 4, bias=False)
        layers = [nn.Flatten(), given, first, act, last]
    return nn.Sequential(*layers), act.act_quant


def tried(name: str, quantizer: Any) -> dict[str, str]:
    """Return how far a quantizer comes, and why not further."""
    random = np.random.default_rng(0)
    row = {"enters": "no", "scale": "", "trains": "no", "lowers": "no", "why": ""}
    try:
        torch.manual_seed(0)
        try:
            module, part = network(name, quantizer)
        except Exception as error:  # noqa: BLE001 - what Brevitas raises for a layer that it cannot make alone
            return {**row, "why": f"Brevitas: {type(error).__name__}: {_line(error)}"}
        given = Given(
            shape=SHAPE, seed=0, fed=False, items=lambda count: random.random((count, *SHAPE), dtype=np.float32)
        )
        found = exported(module, given)
        proto = take_in(found.proto, Wish(keep_dropout=True)).proto
        rounded = "; ".join(note for note in found.notes if "entered as" in note)
        row |= {"enters": "yes", "scale": kind_of(part).value, "why": rounded}
        network_here = OnnxModule(proto, handlers()).train()
        network_here(torch.from_numpy(random.random((ITEMS, *SHAPE), dtype=np.float32))).square().mean().backward()
        graded = [parameter for parameter in network_here.parameters() if parameter.grad is not None]
        row["trains"] = "yes" if graded and all(torch.isfinite(p.grad).all() for p in graded) else "no"
        result = lowering(proto, LowerOptions())
        compare(result, result.fed(random.random((8, *SHAPE), dtype=np.float32)), allowed=1.0)
        row["lowers"] = "yes"
    except DrawplateError as error:
        row["why"] = "; ".join(filter(None, (row["why"], _line(error.what))))
    except Exception as error:  # noqa: BLE001 - a finding of this table
        row["why"] = f"FAULT {type(error).__name__}: {_line(error)}"
    return row


def _line(error: object) -> str:
    return (str(error).strip().splitlines() or [""])[0][:160]


def main() -> None:
    """Try all quantizers, and compare 40 training steps."""
    warnings.simplefilter("ignore")
    for room, name, quantizer in ready_made():
        row = tried(name, quantizer)
        record(
            "brevitas_quantizers.csv", ("quantizer",), {"quantizer": name, "module": f"brevitas.quant.{room}", **row}
        )
        print(name, row, flush=True)
    sys.path.insert(0, str(Path.cwd()))
    from tests.quant_finn.parity import steps

    for name, step in steps().items():
        figures = {key: "" if value is None else f"{value:.1e}" for key, value in vars_of(step).items()}
        record("brevitas_parity.csv", ("quantizer",), {"quantizer": name, **figures})


def vars_of(step: Any) -> dict[str, float | None]:
    """Return the figures of a step by name."""
    return {key: getattr(step, key) for key in ("outputs", "inputs", "weights", "scale")}


if __name__ == "__main__":
    main()
