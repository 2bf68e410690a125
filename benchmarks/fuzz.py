# SPDX-License-Identifier: Apache-2.0
"""Random QONNX networks through five judges that must agree on every bit.

    python benchmarks/fuzz.py --count 2000 --rtl-share 0.1
    python benchmarks/fuzz.py --networks convolutional --count 300 --rtl-share 1 --foldings 1
    python benchmarks/fuzz.py --replay tests/fuzz/findings/NAME.json

Exact fractions, the float32 bridge, lowered integers, the golden model, and for a share of the networks the RTL in two
foldings.  A network either agrees or is refused in the plan, by layer; all else is a finding, shrunk and written down.
`--log FILE` keeps every verdict; the same command goes on where a killed one was.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "fuzz"))

from differential.convolutional import draw_convolutional
from differential.dice import Seeded
from differential.draw import draw
from differential.pool import Case, Worker, judged
from differential.shrink import shrunk
from differential.spec import Network, load, to_json
from differential.verdict import Verdict

LIMIT = 60.0
DRAWN = {"any": draw, "convolutional": draw_convolutional}


def cases(arguments: argparse.Namespace, done: set[int]) -> Iterator[Case]:
    """Yield networks by their seed; a share of them is simulated."""
    started = time.monotonic()
    for number in range(arguments.seed, arguments.seed + arguments.count):
        if time.monotonic() - started > arguments.seconds:
            return
        simulated = number * 0.6180339887 % 1 < arguments.rtl_share  # spread evenly over the seeds
        if number not in done:
            yield Case(number, DRAWN[arguments.networks](Seeded(number)), arguments.foldings if simulated else 0)


def kept(path: Path | None) -> dict[int, Verdict]:
    """Read the verdicts of a killed run."""
    if path is None or not path.exists():
        return {}
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return {row.pop("number"): Verdict(**row) for row in rows}


def run(arguments: argparse.Namespace) -> dict[int, Verdict]:
    """Judge networks and keep every verdict."""
    from attrs import asdict

    found = kept(arguments.log)
    done = {number for number, verdict in found.items() if verdict.outcome != "finding"}  # what failed is tried again
    for case, verdict in judged(cases(arguments, done), arguments.workers, arguments.limit):
        found[case.number] = verdict
        if arguments.log is not None:
            with arguments.log.open("a", encoding="utf-8") as file:
                file.write(json.dumps({"number": case.number, **asdict(verdict)}) + "\n")
        if verdict.outcome == "finding":
            print(f"# {case.number}: {verdict.stage}: {verdict.message}", flush=True)
    return found


def small(number: int, verdict: Verdict, worker: Worker, foldings: int, networks: str) -> Network:
    """Shrink one finding; hangs are kept as they are."""
    if verdict.stage in {"hang", "died"}:
        return DRAWN[networks](Seeded(number))

    def fails(network: Network) -> bool:
        return worker.judge(network, foldings).reason == verdict.reason

    return shrunk(number, fails, drawing=DRAWN[networks])


def report(found: dict[int, Verdict], seconds: float) -> None:
    """Print counts, refusals by reason, and findings."""
    outcomes = Counter(verdict.outcome for verdict in found.values())
    simulated = sum(1 for verdict in found.values() if verdict.foldings)
    print(f"\n{len(found)} networks in {seconds:,.0f} s: {outcomes['agreed']} agreed on every bit ({simulated} of them")
    print(f"simulated, {sum(v.foldings for v in found.values())} foldings), {outcomes['refused']} refused in the plan,")
    print(
        f"{outcomes['finding']} findings.  Float32 rounded {sum(v.rounded for v in found.values())} codes otherwise.\n"
    )
    kinds = Counter(kind for verdict in found.values() for kind in verdict.kinds)
    print("| kind of layer, where all agreed | networks |\n|---|---|")
    print("\n".join(f"| {kind} | {count} |" for kind, count in kinds.most_common()) + "\n")
    for outcome in ("refused", "finding"):
        reasons: dict[str, list[int]] = defaultdict(list)
        for number, verdict in sorted(found.items()):
            if verdict.outcome == outcome:
                reasons[verdict.reason].append(number)
        if reasons:
            print(f"| {outcome} | networks | first seed |\n|---|---|---|")
        for reason, numbers in sorted(reasons.items(), key=lambda item: -len(item[1])):
            print(f"| {reason} | {len(numbers)} | {numbers[0]} |")
        print()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--networks", choices=sorted(DRAWN), default="any")
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0, help="of the first network; the others follow")
    parser.add_argument("--rtl-share", type=float, default=0.1)
    parser.add_argument("--foldings", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=float("inf"), help="start no network after so many")
    parser.add_argument("--limit", type=float, default=LIMIT, help="seconds that one network may take")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--log", type=Path)
    parser.add_argument("--findings", type=Path, help="folder for shrunk findings")
    parser.add_argument("--replay", type=Path, nargs="*")
    arguments = parser.parse_args()
    if arguments.replay:
        return replay(arguments)
    started = time.monotonic()
    found = run(arguments)
    report(found, time.monotonic() - started)
    findings = {n: v for n, v in found.items() if v.outcome == "finding"}
    if arguments.findings is not None:
        write_findings(findings, arguments)
    return int(bool(findings))


def write_findings(findings: dict[int, Verdict], arguments: argparse.Namespace) -> None:
    """Shrink the first finding of every kind and write it down."""
    arguments.findings.mkdir(parents=True, exist_ok=True)
    first = {verdict.reason: number for number, verdict in sorted(findings.items(), reverse=True)}
    with Worker(arguments.limit) as worker:
        for reason, number in sorted(first.items(), key=lambda item: item[1]):
            path = arguments.findings / f"{number}.json"
            foldings = arguments.foldings if findings[number].stage in {"rtl", "cycles"} else 0
            network = small(number, findings[number], worker, foldings, arguments.networks)
            path.write_text(to_json(network), encoding="utf-8")
            print(f"{path}: {reason}", flush=True)


def replay(arguments: argparse.Namespace) -> int:
    """Judge networks from files."""
    worst = 0
    numbered = iter([Case(number, load(path), arguments.foldings) for number, path in enumerate(arguments.replay)])
    for case, verdict in judged(numbered, 1, arguments.limit):
        print(f"{arguments.replay[case.number]}: {verdict.outcome} {verdict.stage} {verdict.message}")
        worst |= verdict.outcome == "finding"
    return worst


if __name__ == "__main__":
    sys.exit(main())
