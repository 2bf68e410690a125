# SPDX-License-Identifier: Apache-2.0
"""FP16 accuracy by OpenVINO on this host."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from drawplate import Metric
from drawplate.data import stand_in
from drawplate.known import ask
from drawplate.metric import Source
from drawplate.task import judge, output_of
from drawplate_target_myriadx.half import round_to_half

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from onnx import ModelProto

    from drawplate import Job
    from drawplate.data import Normalisation
    from drawplate_target_myriadx.options import MeasureOptions

BATCH: Final = 50
FULL_PRECISION: Final = {
    "INFERENCE_PRECISION_HINT": "f32",  # else bfloat16 wherever the processor has it
    "EXECUTION_MODE_HINT": "ACCURACY",
    "DYNAMIC_QUANTIZATION_GROUP_SIZE": "0",
    "NUM_STREAMS": 1,
}
"""Of OpenVINO's CPU plugin: values are computed as the graph says, on every processor."""


class Network:
    """A prepared model that this host runs."""

    def __init__(self, proto: ModelProto, *, threads: int = 1, batch: int = BATCH, asked: bool = True) -> None:
        """Compile it for the CPU, for several images at once where its graph allows that.

        Args:
            proto: the prepared model.
            threads: of one operator.
            batch: images at once.
            asked: whether OpenVINO has to have answered what is known.

        Raises:
            ToolWrong: when OpenVINO computes wrongly on this processor.
        """
        import openvino

        if asked:
            check_openvino()
        core = openvino.Core()
        model = core.read_model(proto.SerializeToString())
        self.batch = _widen(model, batch)
        config = {**FULL_PRECISION, "INFERENCE_NUM_THREADS": threads}
        self._compiled: Any = core.compile_model(model, "CPU", config)

    def outputs(self, images: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the first output for so many images, shape (n, ...)."""
        import numpy as np

        parts = []
        for start in range(0, len(images), self.batch):
            part = images[start : start + self.batch]
            missing = self.batch - len(part)
            padded = np.concatenate([part, np.repeat(part[-1:], missing, axis=0)]) if missing else part
            result = np.array(self._compiled(padded)[0])
            if result.shape[0] != self.batch:  # a graph may give one image's results along its first dimension
                result = result.reshape(self.batch, -1)
            parts.append(result[: len(part)])
        return np.concatenate(parts)


@cache
def check_openvino() -> None:
    """Ask OpenVINO what is known.

    Raises:
        ToolWrong: when it computes wrongly here.
    """
    import openvino

    version = openvino.__version__.partition("-")[0]
    ask(lambda model, images: Network(model, asked=False).outputs(images).ravel(), f"OpenVINO {version}")


def _widen(model: Any, batch: int) -> int:
    """Give the model a batch of so many images, unless a constant in its graph says otherwise; return the batch."""
    taken = list(model.inputs[0].shape)
    given = [list(output.shape) for output in model.outputs]
    if taken[0] != 1 or any(not shape or shape[0] != 1 for shape in given):
        return int(taken[0])
    try:
        model.reshape([batch, *taken[1:]])
    except RuntimeError:
        model.reshape(taken)
        return 1
    if [list(output.shape) for output in model.outputs] != [[batch, *shape[1:]] for shape in given]:
        model.reshape(taken)
        return 1
    return batch


def agreement(proto: ModelProto, manifest: Mapping[str, Any], options: MeasureOptions) -> str:
    """Say how far outputs in FP16 are from those in FP32, on random inputs over the model's range."""
    import numpy as np

    low, high = (0.0, 255.0) if manifest["input"] == "bytes" else manifest["fed"]
    drawn = stand_in(proto, fed=(low, high))
    full, half = (Network(model, threads=options.threads).outputs(drawn.x) for model in (proto, round_to_half(proto)))
    far, most = float(np.abs(half - full).max()), float(np.abs(full).max())
    share = f"{far / most:.1e} of the greatest" if most else "nothing"
    return f"outputs in FP16 are at most {share} from those in FP32, on {drawn.said}"


def accuracy(
    proto: ModelProto, normalisation: Normalisation | None, options: MeasureOptions, job: Job
) -> tuple[Metric, ...]:
    """Measure a prepared model in FP16 by the metrics of the data's task.

    Args:
        proto: the prepared model.
        normalisation: of the model's input; None where it takes bytes.
        options: how many images, how many threads.
        job: for the test split.
    """
    import numpy as np
    import openvino

    split = job.data("test").first(options.limit)
    network = Network(round_to_half(proto), threads=options.threads)
    chunk, outputs = network.batch * max(1, 500 // network.batch), []
    for start in range(0, len(split), chunk):
        pixels = split.x[start : start + chunk]
        images = pixels.astype(np.float32) if normalisation is None else normalisation.apply(pixels)
        outputs.append(network.outputs(images).reshape(len(images), -1))
    parts = (
        f"{len(split):,} test {job.dataset.noun} of {job.dataset.name}",
        f"values rounded to FP16, OpenVINO {openvino.__version__.partition('-')[0]} on this host",
        *job.dataset.notes,
    )
    return judge(
        np.concatenate(outputs),
        split,
        job.dataset,
        source=Source.MEASURED,
        normalisation=normalisation,
        output=output_of(proto),
        note="; ".join(parts),
    )
