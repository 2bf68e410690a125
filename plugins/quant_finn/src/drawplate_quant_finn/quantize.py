# SPDX-License-Identifier: Apache-2.0
"""Step ``quantize``: write quantizers into a float model (FLOAT to QONNX)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from drawplate import Artifact, Card, Form, Job, Preview, Verb, hookimpl
from drawplate.search import SearchSpace
from drawplate_quant_finn.options import QuantizeOptions

if TYPE_CHECKING:
    from onnx import ModelProto

    from drawplate.data import Normalisation

HANDFUL: Final = 16
"""Items that a plan finds ranges with: shapes and widths do not depend on them."""
FEW: Final = 20_000
"""Values of an activation that it looks at."""


@hookimpl
def card() -> Card:
    """Describe the step."""
    return Card(
        summary="round weights and activations to 1..8 bits (Brevitas semantics, QONNX)",
        options={Verb.COMPRESS: QuantizeOptions},
        accepts={Form.FLOAT},
        returns=Form.QONNX,
    )


@hookimpl
def preview(model: Artifact, options: QuantizeOptions, job: Job) -> Preview:
    """Write the quantizers with ranges from a handful of items."""
    proto, notes = _quantized(model.proto(), options, job)
    return Preview(model=job.save(proto, Form.QONNX, (model,)), notes=notes)


@hookimpl
def compress(model: Artifact, options: QuantizeOptions, job: Job) -> Artifact:
    """Write the quantizers, with ranges from training images: post-training quantization, and where QAT starts."""
    proto, notes = _quantized(model.proto(), options, job)
    for note in notes:
        job.note(note)
    return job.save(proto, Form.QONNX, (model,))


@hookimpl
def torch_ops() -> Mapping[tuple[str, str], Any]:
    """Teach the ONNX-to-torch bridge QONNX's quantizers."""
    from drawplate_quant_finn.training.torch_ops import handlers

    return handlers()


@hookimpl
def module_exporters() -> Mapping[str, Any]:
    """Let modules with layers of Brevitas enter by ``[model] python``."""
    from drawplate_quant_finn.from_brevitas.exporter import BrevitasExporter

    return {"brevitas": BrevitasExporter()}


@hookimpl
def search_spaces() -> Mapping[str, SearchSpace]:
    """Let searches choose the bits of every layer."""
    from drawplate_quant_finn.bits.space import open_space

    return {"bits": SearchSpace(summary="bits of every layer's weights and of every activation", open=open_space)}


def _quantized(proto: ModelProto, options: QuantizeOptions, job: Job) -> tuple[ModelProto, tuple[str, ...]]:
    """Return the model, and what is to be said of its input."""
    from drawplate.data import normalisation_of
    from drawplate_quant_finn.quantizing.calibrate import SAMPLES
    from drawplate_quant_finn.quantizing.network import input_notes, quantized

    count = HANDFUL if job.dry else options.calibration_images
    items = job.data("train").x[:count]
    normalisation = normalisation_of(proto) or job.dataset.normalisation
    if job.dry or not (options.equalize != "none" or options.rounding != "nearest" or options.correct_bias):
        found = quantized(proto, options, normalisation, items, FEW if job.dry else SAMPLES)
        return found, input_notes(found, normalisation, items)
    return _post_training(proto, options, normalisation, job)


def _post_training(
    proto: ModelProto, options: QuantizeOptions, normalisation: Normalisation, job: Job
) -> tuple[ModelProto, tuple[str, ...]]:
    """Quantize by Brevitas' algorithms, on training images."""
    from drawplate_quant_finn.graph import prepare
    from drawplate_quant_finn.posttraining.run import equalize, round_layers
    from drawplate_quant_finn.quantizing.network import input_notes, quantized
    from drawplate_quant_finn.quantizing.sites import find_sites

    items = job.data("train").x[: max(options.calibration_images, options.rounding_images)]
    fed = normalisation.apply(items)
    prepare(proto)
    notes = equalize(proto, options, fed)
    plain = type(proto)()
    plain.CopyFrom(proto)
    found = quantized(proto, options, normalisation, items[: options.calibration_images])
    notes += round_layers(found, plain, find_sites(plain, options).weights, options, fed, job.seed)
    return found, (*input_notes(found, normalisation, items), *notes)
