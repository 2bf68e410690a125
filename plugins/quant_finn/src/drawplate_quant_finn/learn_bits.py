# SPDX-License-Identifier: Apache-2.0
"""Step ``learn_bits``: train the bit widths of a quantized model with its weights, for a cost (QONNX to QONNX)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from attrs import frozen

from drawplate import Artifact, Card, FlowError, Form, Job, ModelError, Preview, Verb, hookimpl
from drawplate.options import option
from drawplate.training import TrainOptions

if TYPE_CHECKING:
    from drawplate_quant_finn.bits.learned import Width
    from drawplate_quant_finn.bits.price import Price


@frozen(kw_only=True)
class LearnBitsOptions(TrainOptions):
    """How widths are trained, and for which cost."""

    cost: str = option(
        "What the widths cost: bops (products of bits, summed over multiply-accumulates), or STEP.METRIC of a probe.",
        default="bops",
    )
    probe: tuple[Mapping[str, Any], ...] = option(
        "Steps to the metric that the cost is probed through, as [[step.probe]] tables; written like [[step]].",
        default=(),
    )
    share: float = option("Cost that is aimed at, as a part of what the model given costs.", default=0.5, above=0)
    width_epochs: int = option(
        "Epochs in which widths are trained, before the epochs in which they are settled.", default=5, at_least=1
    )
    least_bits: int = option("Fewest bits.", default=2, at_least=2, at_most=8)
    most_bits: int = option("Most bits.", default=8, at_least=2, at_most=8)


def _steps(options: LearnBitsOptions) -> tuple[str, ...]:
    return tuple(str(table["use"]) for table in options.probe if "use" in table)


@hookimpl
def card() -> Card:
    """Describe the step."""
    return Card(
        summary="train bit widths by gradient against a target's cost",
        options={Verb.COMPRESS: LearnBitsOptions},
        accepts={Form.QONNX},
        returns=Form.QONNX,
        runs=_steps,
        consults={"torch_ops": None},
    )


@hookimpl
def preview(model: Artifact, options: LearnBitsOptions, job: Job) -> Preview:
    """Find the widths, and check what they are to cost."""
    from drawplate.task import task_of

    options.check(task_of(model, job.dataset))
    _check(options, job)
    names = tuple(dict.fromkeys(width.name for width in _widths(model, options).values()))
    range_said = f"{options.least_bits} to {options.most_bits} bits"
    said = f"{len(names)} widths of {range_said}, for {options.share:g} of the {options.cost}"
    return Preview(model=model, notes=(said, *options.notes))


@hookimpl
def compress(model: Artifact, options: LearnBitsOptions, job: Job) -> Artifact:
    """Train widths and weights, settle the widths on whole numbers, and train the weights on."""
    from drawplate.task import task_of
    from drawplate.torch import OnnxModule
    from drawplate.torch.loop import train
    from drawplate_quant_finn.bits.learned import learned_handlers
    from drawplate_quant_finn.bits.objective import PricedLoss
    from drawplate_quant_finn.bits.written import with_widths

    named = _widths(model, options)
    genes = tuple({width.name: width for width in named.values()}.values())
    price = _price(model, named, options, job)
    before = float(price.of({width.name: width.bits.detach() for width in genes}))
    task = task_of(model, job.dataset)
    steps = max(1, len(options.part(job.data("train"))) // options.batch)
    budget, smoothing = before * options.share, options.label_smoothing
    objective = PricedLoss(task, genes, price, budget, options.width_epochs, steps, smoothing)
    module = OnnxModule(model.proto(), {**job.contributions("torch_ops"), **learned_handlers(named)})
    train(module, objective, options, job)
    found = {width.name: width.whole() for width in genes}
    for width in genes:
        job.row("widths", width.name, {"quantizer": width.name, "before": width.given, "bits": found[width.name]})
    after = float(price.of({width.name: width.bits.detach() for width in genes}))
    job.note(f"{options.cost} from {before:.4g} to {after:.4g} (estimated): {after / before:.0%}")
    return job.save(with_widths(module.to_onnx(), found), Form.QONNX, (model,))


def _widths(model: Artifact, options: LearnBitsOptions) -> dict[str, Width]:
    from drawplate_quant_finn.bits.learned import widths

    if options.least_bits > options.most_bits:
        raise FlowError(f"is {options.least_bits}", where="option 'least_bits'", allowed="at most most_bits")
    found = widths(model.proto(), options.least_bits, options.most_bits)
    if not found:
        raise ModelError(
            "has no Quant node of one constant bit width", where="learn_bits", hint="put step 'quantize' before it"
        )
    return found


def _check(options: LearnBitsOptions, job: Job) -> None:
    from drawplate_quant_finn.bits.price import OPERATIONS

    step, _, metric = options.cost.partition(".")
    if options.cost == OPERATIONS:
        return
    if not metric or step not in _steps(options):
        raise FlowError(
            f"is {options.cost!r}",
            where="option 'cost'",
            allowed=(OPERATIONS, *(f"{name}.METRIC" for name in _steps(options))),
            hint="list the steps that lead to the metric as [[step.probe]]",
        )
    for name in _steps(options):
        job.card(name)


def _price(model: Artifact, named: Mapping[str, Width], options: LearnBitsOptions, job: Job) -> Price:
    from drawplate_quant_finn.bits.price import OPERATIONS, bit_operations, probed

    names = {quantizer: width.name for quantizer, width in named.items()}
    if options.cost == OPERATIONS:
        return bit_operations(model.proto(), names)
    _check(options, job)
    return probed(model, names, options.cost, options.probe, job)
