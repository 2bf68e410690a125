# SPDX-License-Identifier: Apache-2.0
"""Search space ``bits``: the precision of every layer's weights and of every activation."""

from __future__ import annotations

from collections.abc import Mapping
from glob import escape
from typing import Any

from attrs import frozen

from drawplate import Artifact, Form, Job, ModelError
from drawplate.search import Expression, Gene, Genome, Integer, Space
from drawplate_quant_finn.bits.widths import open_widths
from drawplate_quant_finn.graph import prepare
from drawplate_quant_finn.options import QuantizeOptions
from drawplate_quant_finn.quantizing.sites import find_sites

LEAST, MOST, START = 1, 8, 4


@frozen(kw_only=True)
class BitsSpace:
    """A :class:`~drawplate.search.Space` of the option ``layers`` of a candidate's step ``quantize``."""

    weights: tuple[str, ...]
    """Layers whose weights are quantized."""
    activations: tuple[str, ...]
    """Nodes whose values are."""

    @property
    def genes(self) -> Mapping[str, Gene]:
        """``LAYER.w`` and ``LAYER.a``."""
        names = [*(f"{layer}.w" for layer in self.weights), *(f"{layer}.a" for layer in self.activations)]
        return {name: Integer(LEAST, MOST) for name in names}

    @property
    def baseline(self) -> Genome:
        """The same for all."""
        return dict.fromkeys(self.genes, START)

    def repair(self, genome: Genome) -> Genome:
        """Every combination is legal."""
        return genome

    def express(self, genome: Genome, model: Artifact, job: Job) -> Expression:  # noqa: ARG002 - the contract's
        """Set the bits of each layer by name."""
        layers: dict[str, dict[str, Any]] = {}
        for key, names, suffix in (("weight_bits", self.weights, "w"), ("act_bits", self.activations, "a")):
            for name in names:
                layers.setdefault(escape(name), {})[key] = genome[f"{name}.{suffix}"]
        return Expression(model=model, options={"quantize": {"layers": layers}})


def open_space(model: Artifact, _job: Job) -> Space:
    """Find what ``quantize`` would round; of a quantized model, what is rounded.

    Raises:
        ModelError: for a lowered model, or one that has nothing to quantize.
    """
    if model.form is Form.QONNX:
        return open_widths(model)
    if model.form is not Form.FLOAT:
        raise ModelError(
            f"is a {model.form} model",
            where="space 'bits'",
            allowed="float, qonnx",
            hint="let it start before lower",
        )
    proto = model.proto()
    prepare(proto)
    sites = find_sites(proto, QuantizeOptions())
    return BitsSpace(
        weights=tuple(site.layer for site in sites.weights),
        activations=tuple(dict.fromkeys(site.layer for site in sites.activations)),
    )
