# SPDX-License-Identifier: Apache-2.0
"""What a compiled network tells about itself, as metrics and tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from attrs import asdict, frozen

from drawplate import Metric
from drawplate.metric import Source
from drawplate_target_myriadx.blob import Blob, Place, Stage
from drawplate_target_myriadx.latency import LatencyModel, network_work, stage_work
from drawplate_target_myriadx.latency.trust import trust
from drawplate_target_myriadx.latency.work import ideal_cycles, stage_cycles

if TYPE_CHECKING:
    from drawplate import Job

COUNTED: Final = "counted in the blob"
CMX_SLICE: Final = 128 * 1024


@frozen(kw_only=True)
class StageRow:
    """One line of the stage table."""

    stage: int
    name: str
    """The layer that it comes from."""
    type: str
    nce_cycles: float
    bytes: int
    place: str
    """Where its results live."""
    latency_ms: float


def stage_rows(blob: Blob, layers: Sequence[str], model: LatencyModel) -> Iterator[StageRow]:
    """Yield the stages in the order in which they run, an injected one after its carrier."""
    for index, (stage, layer) in enumerate(zip(blob.stages, layers, strict=True)):
        yield _row(index, stage, layer, model)
        if stage.injected is not None:
            yield _row(index, stage.injected, layer, model)


def _row(index: int, stage: Stage, layer: str, model: LatencyModel) -> StageRow:
    used = [buffer for buffer in stage.buffers if buffer.place is not Place.NONE]
    return StageRow(
        stage=index,
        name=layer,
        type=stage.type,
        nce_cycles=stage_cycles(stage) if stage.hardware else 0.0,
        bytes=sum(buffer.tensor.nbytes for buffer in used),
        place=used[-1].place.value if used else Place.NONE.value,
        latency_ms=model.prices.milliseconds(stage_work(stage)),
    )


def record_stages(job: Job, rows: Sequence[StageRow]) -> None:
    """Put the stage table into the record of the run."""
    for number, row in enumerate(rows):
        rounded = {"nce_cycles": round(row.nce_cycles), "latency_ms": round(row.latency_ms, 4)}
        job.row("stages", str(number), asdict(row) | rounded)


def estimates(blob: Blob, model: LatencyModel) -> Iterator[Metric]:
    """Yield latency, rate and energy of one inference, with error bars."""
    work = network_work(blob)
    verdict = trust(model, blob, work)
    latency = model.latency_ms(work, blob.header.batch)
    note = f"model of compiled stages, sync, one request; ±{verdict.error:.0%}, {verdict.reason}"

    def estimated(name: str, value: float, unit: str, error: float, said: str) -> Metric:
        return Metric(name=name, value=value, unit=unit, source=Source.ESTIMATED, error=error, note=said)

    yield estimated("latency_ms", latency, "ms", latency * verdict.error, note)
    rate = 1e3 * blob.header.batch / latency
    yield estimated("fps", rate, "images/s", rate * verdict.error, "one request at a time; two in flight give more")
    yield energy(latency, verdict.error, model)


def energy(latency_ms: float, error: float, model: LatencyModel) -> Metric:
    """Estimate the energy of one inference from its latency, whose relative error is given."""
    low, high = model.power_w
    value = latency_ms * (low + high) / 2
    note = f"latency times the {low:.2f} to {high:.2f} W published for an NCS2 under load (QuTiBench)"
    spread = value * (error + (high - low) / (high + low))
    return Metric(name="energy_mj", value=value, unit="mJ", source=Source.ESTIMATED, error=spread, note=note)


def counts(blob: Blob, memory: dict[str, int]) -> Iterator[Metric]:
    """Yield sizes and counts of a blob."""

    def counted(name: str, value: float, unit: str, note: str = COUNTED) -> Metric:
        return Metric(name=name, value=value, unit=unit, source=Source.MEASURED, note=note)

    stages = list(blob.all_stages())
    yield counted("stages", len(stages), "")
    yield counted("nce_stages", sum(stage.hardware for stage in stages), "")
    yield counted("blob_bytes", blob.size, "B")
    if "CMX" in memory:
        slices = blob.header.cmx_slices
        yield counted(
            "cmx_bytes", memory["CMX"], "B", f"of {slices} slices, {slices * CMX_SLICE:,} B; the compiler's count"
        )
    yield counted("ddr_bytes", blob.header.ddr_bytes, "B", "scratch memory outside the chip")
    cycles = sum(stage_cycles(stage) for stage in stages if stage.hardware)
    ideal = sum(ideal_cycles(stage) for stage in stages if stage.hardware)
    note = "the compiler's own cost"
    yield Metric(name="nce_cycles", value=cycles, unit="", source=Source.ESTIMATED, note=note)
    if cycles:
        use = 100 * ideal / cycles
        yield Metric(name="nce_use", value=use, unit="%", source=Source.ESTIMATED, note="products over multipliers")


def by_layer(rows: Sequence[StageRow]) -> Iterator[Metric]:
    """Yield each layer's stages, cycles and milliseconds."""
    layers: dict[str, list[StageRow]] = {}
    for row in rows:
        layers.setdefault(row.name or row.type.lower(), []).append(row)
    for name, own in layers.items():
        latency, cycles = sum(row.latency_ms for row in own), sum(row.nce_cycles for row in own)
        yield Metric(name="latency_ms", value=latency, unit="ms", source=Source.ESTIMATED, layer=name)
        yield Metric(name="stages", value=len(own), unit="", source=Source.MEASURED, layer=name)
        yield Metric(name="nce_cycles", value=cycles, unit="", source=Source.ESTIMATED, layer=name)
