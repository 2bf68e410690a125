# SPDX-License-Identifier: Apache-2.0
"""Find the range of every activation by running the float model on images."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from drawplate_quant_finn.graph import Graph
from drawplate_quant_finn.grid import SCALES
from drawplate_quant_finn.quantizing.sites import ActivationSite, Range
from drawplate_quant_finn.quantizing.values import run, run_normalised, statistics_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from onnx import ModelProto, NodeProto

SAMPLES = 200_000
"""Values looked at per activation; more of them do not move the best scale."""
NARROW_SCALE = 1.0
"""Scale of a sign: what follows absorbs any other."""


def activation_scales(
    proto: ModelProto,
    sites: Iterable[ActivationSite],
    images: NDArray[np.float32],
    ranges: str = "error",
    samples: int = SAMPLES,
) -> dict[ActivationSite, float]:
    """Return the scale of every site.

    Args:
        proto: the float model.
        sites: where activations are quantized.
        images: normalised pixels, shape (n, C, H, W).
        ranges: a name of :data:`drawplate_quant_finn.grid.SCALES`.
        samples: values looked at per activation.
    """
    import numpy as np

    found = {site: _known(site) for site in sites if _known(site) is not None}
    open_sites = [site for site in sites if site not in found]
    if open_sites:
        model = with_statistics(proto, images)
        wanted = sorted({value for site in open_sites for value in site.values})
        values = run(model, images, wanted)
        for site in open_sites:
            joined = np.concatenate([thinned(values[value], samples) for value in site.values])
            found[site] = SCALES[ranges](joined, site.grid)
    return {site: float(np.float32(scale)) for site, scale in found.items() if scale is not None}


def _known(site: ActivationSite) -> float | None:
    if site.grid.bipolar:
        return NARROW_SCALE
    return 1 / site.grid.high if site.range in {Range.UNIT, Range.UNIT_POSITIVE} else None


def thinned(values: NDArray[Any], samples: int = SAMPLES) -> NDArray[Any]:
    """Every n-th value, about ``samples`` of them."""
    flat = values.ravel()
    return flat[:: max(1, len(flat) // samples)]


def with_statistics(proto: ModelProto, images: NDArray[np.float32]) -> ModelProto:
    """Return a copy whose untrained BatchNormalizations have the statistics of these images.

    An untrained network has means 0 and variances 1 written in it, which no layer gives: ranges found with them
    would be wrong as soon as training starts.
    """
    import onnx
    from onnx import numpy_helper

    model = onnx.ModelProto()
    model.CopyFrom(proto)
    tensors = {tensor.name: tensor for tensor in model.graph.initializer}
    norms = list(_untrained(model))
    found = run_normalised(model, images, [norm.input[3] for norm in norms])
    for norm in norms:
        if found is None:
            statistics = statistics_of(run(model, images, [norm.input[0]])[norm.input[0]])
        else:
            statistics = (found[norm.input[3]], found[norm.input[4]])
        for name, statistic in zip(norm.input[3:5], statistics, strict=True):
            tensors[name].CopyFrom(numpy_helper.from_array(statistic, name))
    return model


def _untrained(model: ModelProto) -> Iterator[NodeProto]:
    arrays = Graph(model).arrays()
    for node in list(model.graph.node):
        if node.op_type == "BatchNormalization" and node.input[3] in arrays and node.input[4] in arrays:
            mean, variance = arrays[node.input[3]], arrays[node.input[4]]
            if not mean.any() and (variance == 1).all():
                yield node
