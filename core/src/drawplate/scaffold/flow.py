# SPDX-License-Identifier: Apache-2.0
"""A first flow of one's own, made of three answers: which model, which data, which target."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from drawplate.artifact import Form
from drawplate.card import Card, Verb
from drawplate.errors import FlowError, nearest
from drawplate.flow.chain import chain_to
from drawplate.plugins import Plugins

SETTINGS: Final[Mapping[str, Mapping[str, Any]]] = {
    "mlp": {"hidden": [64, 64]},
    "quantize": {"weight_bits": 4, "act_bits": 4},
    "fit": {"epochs": 10},
    "fold": {"target_fps": 1000},
}
"""What is written out, so that a reader sees what to change; all else has its default."""
READERS: Final[Mapping[str, str]] = {".npz": "npz", ".csv": "csv"}


def targets(plugins: Plugins) -> list[str]:
    """Return the steps that make something for a target and measure it."""
    wanted = {Verb.EXPORT, Verb.MEASURE}
    return [name for name, card in plugins.steps().items() if wanted <= set(card.verbs)]


def model_table(answer: str, plugins: Plugins) -> dict[str, Any]:
    """Return ``[model]`` for an architecture's name or a file.

    Raises:
        FlowError: when it is neither.
    """
    if answer.endswith(".onnx"):
        if not Path(answer).is_file():
            raise FlowError("is no file", where=answer, hint="give the path of an ONNX file, or an architecture")
        return {"onnx": answer}
    known = sorted(plugins.contributions("architectures"))
    if answer not in known:
        raise FlowError(
            f"there is no architecture {answer!r}", allowed=[*known, "FILE.onnx"], meant=nearest(answer, known)
        )
    return {"zoo": answer, **SETTINGS.get(answer, {})}


def data_table(answer: str, plugins: Plugins) -> dict[str, Any]:
    """Return ``[data]`` for a data set's name, an .npz or .csv file, or a folder of pictures.

    Raises:
        FlowError: when it is none of these.
    """
    readers = plugins.contributions("datasets")
    if answer in readers and not readers[answer].given:
        return {"name": answer}
    path = Path(answer)
    if path.is_dir():
        return {"name": "folder", "path": answer}
    if path.is_file() and path.suffix in READERS:
        return {"name": READERS[path.suffix], "path": answer}
    known = sorted(name for name, reader in readers.items() if not reader.given)
    raise FlowError(
        f"there are no data {answer!r}",
        allowed=[*known, "FILE.npz", "FILE.csv", "a folder with a folder of pictures per class"],
        meant=nearest(answer, known),
    )


def step_tables(target: str, plugins: Plugins, start: Form) -> list[dict[str, Any]]:
    """Return the steps from a model of a form to a target: what changes its form, training, and what was named.

    Raises:
        FlowError: when there is no such target, or no way to it.
    """
    known, cards = targets(plugins), plugins.steps()
    if target not in known:
        raise FlowError(f"there is no target {target!r}", allowed=known, meant=nearest(target, known))
    way = chain_to(start, cards[target].accepts, cards)
    if way is None:
        raise FlowError(
            f"nothing that is installed makes what {target} takes", allowed=[*map(str, cards[target].accepts)]
        )
    steps = _with_training(list(way), start, cards)
    if Form.DATAFLOW in cards[target].accepts and "fold" in cards:
        steps.append("fold")
    return [{"use": name, **SETTINGS.get(name, {})} for name in (*steps, target)]


def _measured(steps: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Have the trained network judged on all test items before it is integers, which are slow to simulate."""
    at = next(number for number, step in enumerate(steps) if step["use"] == "fit") + 1
    return [*steps[:at], {"use": "ort", "only": ["measure"]}, *steps[at:]] if at < len(steps) - 1 else [*steps]


def _with_training(way: list[str], start: Form, cards: Mapping[str, Card]) -> list[str]:
    """Put fit behind the last step whose model it can train, and measure what it gave."""
    form, place = start, 0
    for number, name in enumerate(way, start=1):
        form = cards[name].returned_form(form)
        if form in cards["fit"].accepts:
            place = number
    return [*way[:place], "fit", *way[place:]]


def write_flow(path: Path, model: str, data: str, target: str, plugins: Plugins) -> Path:
    """Write the flow and return where.

    Raises:
        FlowError: when an answer means nothing, or the file is there.
    """
    from drawplate.model_file import detect_form, load_model
    from drawplate.report.flow_text import flow_text
    from drawplate.store.atomic import write_bytes

    if path.exists():
        raise FlowError("is there already", where=str(path), hint="name another file with -o")
    origin, place = model_table(model, plugins), path.parent.absolute()
    start = detect_form(load_model(Path(origin["onnx"]))) if "onnx" in origin else Form.FLOAT
    if "onnx" in origin:
        origin["onnx"] = os.path.relpath(origin["onnx"], place)
    table = {
        "title": f"{Path(model).stem} on {Path(data).stem} to {target}",
        "model": origin,
        "data": data_table(data, plugins),
        "step": _measured(step_tables(target, plugins, start)),
    }
    write_bytes(path, f"{flow_text(table)}\n".encode())
    return path
