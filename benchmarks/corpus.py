# SPDX-License-Identifier: Apache-2.0
"""Other people's model files through every step: what passes, what is refused and why.

    python benchmarks/corpus.py                       # all files, all flows: some minutes on two cores
    python benchmarks/corpus.py vit "opset 9"         # only files whose names contain one of these words
    python benchmarks/corpus.py --flows ort,lower

Files are made by torch's two exporters, Brevitas, onnxruntime's static quantizer and skl2onnx (``tests/corpus``).  Each
goes through ``drawplate plan`` and, if that passes, ``drawplate run``; what ``ort`` exports is compared with plain ONNX
Runtime on the file as it was given.  The table goes to ``docs/evidence/corpus.md``, unless only some files were asked
for.
"""

from __future__ import annotations

import functools
import logging
import multiprocessing
import sys
import tempfile
import warnings
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from tests.corpus.trial import FLOWS, PASSED, REFUSED, Result  # noqa: E402 - found only now

PAGE = ROOT / "docs" / "evidence" / "corpus.md"
WORKERS = 2
WORST = ("crashed", "off", "refused late")
HEAD = """# Other people's models

Files as torch's two exporters, Brevitas, onnxruntime's static quantizer and skl2onnx write them (`tests/corpus`), each
through `drawplate plan` and `drawplate run`. What `ort` exports is compared with plain ONNX Runtime on the file as it
was; `myriadx` compares what its compiler reads; `channels` cuts half of every group of channels and runs what is left.
Made by `python benchmarks/corpus.py`.

"""


def one(name: str, flows: Sequence[str]) -> tuple[str, Mapping[str, Result]]:
    """Take one file through some flows."""
    logging.disable(logging.WARNING)
    warnings.simplefilter("ignore")
    import onnx
    from tests.corpus.sources import sources
    from tests.corpus.trial import attempt, write_data

    source = sources()[name]
    with tempfile.TemporaryDirectory(prefix="corpus-") as made:
        folder = Path(made)
        onnx.save(source.make(), folder / "model.onnx")
        write_data(folder / "data.npz", source)
        found = {flow: attempt(name, source, flow, folder) for flow in flows}
    return name, found


def main(words: Sequence[str], flows: Sequence[str]) -> None:
    """Run, print and write."""
    from tests.corpus.sources import sources

    names = [name for name in sources() if not words or any(word in name for word in words)]
    results: dict[str, Mapping[str, Result]] = {}
    # Not a ProcessPoolExecutor: its `max_tasks_per_child` waits for ever when all workers end at once.
    with multiprocessing.get_context("spawn").Pool(WORKERS, maxtasksperchild=40) as pool:
        for name, found in pool.imap(functools.partial(one, flows=flows), names):
            results[name] = found
            for flow, result in found.items():
                print(f"{name:42} {flow:14} {result.what:13} {result.seconds:5.1f} s  {result.why[:150]}", flush=True)
    text = page(results, flows)
    if not words and tuple(flows) == tuple(FLOWS):
        PAGE.write_text(HEAD + text)
    print(text.partition("\n\n")[0])


def page(results: Mapping[str, Mapping[str, Result]], flows: Sequence[str]) -> str:
    """Write counts, the table, and the reasons of refusals."""
    count = Counter((flow, result.what) for found in results.values() for flow, result in found.items())
    lines = [f"{len(results)} files.", "", "| | " + " | ".join(flows) + " |", "|---" * (len(flows) + 1) + "|"]
    lines += [
        f"| {what} | " + " | ".join(str(count[flow, what]) for flow in flows) + " |"
        for what in (PASSED, REFUSED, *WORST)
    ]
    said = Counter(result.why for found in results.values() for result in found.values() if result.what == PASSED)
    lines += ["", *(f"Not compared, {why}: {many}." for why, many in said.items() if why)]
    reasons: dict[str, int] = {}
    lines += ["", "| file | " + " | ".join(flows) + " |", "|---" * (len(flows) + 1) + "|"]
    for name, found in results.items():
        cells = []
        for flow in flows:
            result = found[flow]
            if result.what == PASSED:
                cells.append("passed")
                continue
            number = reasons.setdefault(result.why, len(reasons) + 1)
            cells.append(f"{result.what} [{number}](#reasons)")
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    lines += ["", "## Reasons", ""]
    lines += [
        f"{number}. {why.replace('|', '/').replace('<', '(').replace('>', ')')}" for why, number in reasons.items()
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    arguments = sys.argv[1:]
    chosen = tuple(FLOWS)
    if "--flows" in arguments:
        at = arguments.index("--flows")
        chosen = tuple(flow for flow in FLOWS if flow in arguments[at + 1].split(","))
        del arguments[at : at + 2]
    main(arguments, chosen)
