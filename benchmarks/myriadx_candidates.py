# SPDX-License-Identifier: Apache-2.0
"""Candidates per second through export and measure of the step myriadx, as a search asks for them.

Baseline: a runner of its own for every candidate, so that the compiler's worker starts anew each time (cold).  Against
it: one runner whose worker lives on (warm), and two worker processes.  All compile the same FlexStudent genomes for
32 x 32 images; latencies are estimated, accuracy is left out.  CPU time, of this process and of the compiler's, tells
what a candidate costs on a machine that is busy with other work, too.

Run: python benchmarks/myriadx_candidates.py [CANDIDATES]
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from drawplate.artifact import Artifact, Form
from drawplate.job import Job, Request
from drawplate.runner import Runner
from drawplate.testing import make_job, make_runner
from drawplate.zoo import build_model

OPTIONS = {"accuracy": False, "run": "estimate"}


def genomes(count: int) -> list[dict[str, object]]:
    """Draw genomes of the paper's student."""
    random = np.random.default_rng(0)
    return [
        {
            "conv_layers": int(random.integers(1, 5)),
            "fc_layers": int(random.integers(1, 4)),
            "channels": [int(random.integers(4, 33))],
            "neurons": int(random.integers(16, 257)),
        }
        for _ in range(count)
    ]


def put(runner: Runner, genome: dict[str, object]) -> Artifact:
    proto = build_model("flexstudent", genome, shape=(3, 32, 32), classes=10, seed=0)
    return runner.session.store.put_model(proto, Form.FLOAT)


def latency(job: Job, model: Artifact) -> float:
    return job.run("myriadx", model, options=OPTIONS).metric("latency_ms")


def first(job: Job, model: Artifact) -> None:
    """Start the compiler of a process, and leave the next item to another one."""
    latency(job, model)
    time.sleep(3)


def cold(folder: Path, chosen: list[dict[str, object]]) -> list[float]:
    found = []
    for number, genome in enumerate(chosen):
        runner = make_runner(folder / str(number))
        request = Request(step="myriadx", subject=put(runner, genome), options=OPTIONS)
        found.append(runner.run(request).metric("latency_ms"))
        runner.close()
    return found


def cpu_seconds(job: Job, models: list[Artifact]) -> tuple[float, float]:
    """Return the CPU seconds per candidate here and in the compiler's process, which is started before."""
    latency(job, models[0])
    keeper = job.tool("myriad")._child.process.pid  # noqa: SLF001 - nothing public tells
    worker = int(Path(f"/proc/{keeper}/task/{keeper}/children").read_text().split()[0])
    here, there = time.process_time(), _cpu_of(worker)
    for model in models[1:]:
        latency(job, model)
    count = len(models) - 1
    return (time.process_time() - here) / count, (_cpu_of(worker) - there) / count


def _cpu_of(process: int) -> float:
    """CPU seconds that a process has used, as Linux tells."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def warm(
    folder: Path, chosen: list[dict[str, object]], workers: int, warmup: dict[str, object]
) -> tuple[list[float], float]:
    """Return latencies, and the seconds after every worker has compiled one candidate."""
    runner = make_runner(folder, workers=workers)
    models = [put(runner, genome) for genome in chosen]
    job = make_job(folder, runner=runner)
    with job.pool() as pool:
        others = [put(runner, warmup | {"neurons": 300 + number}) for number in range(workers)]
        for future in [pool.submit(first, model) for model in others]:
            future.result()
        started = time.perf_counter()
        futures = [pool.submit(latency, model) for model in models]
        found = [future.result() for future in futures]
        seconds = time.perf_counter() - started
    runner.close()
    return found, seconds


def main(count: int = 24) -> None:
    *chosen, warmup = genomes(count + 1)
    with tempfile.TemporaryDirectory(prefix="drawplate-") as name:
        folder = Path(name)
        started = time.perf_counter()
        few = cold(folder / "cold", chosen[: max(4, count // 4)])
        baseline = len(few) / (time.perf_counter() - started)
        print(f"cold, a worker per candidate {baseline:6.2f} candidates/s")
        for label, workers in (("warm, one process", 1), ("warm, two processes", 2)):
            found, seconds = warm(folder / label, chosen, workers, warmup)
            assert found[: len(few)] == few
            rate = count / seconds
            print(f"{label:28} {rate:6.2f} candidates/s, {rate / baseline:.1f} times cold")
        runner = make_runner(folder / "cpu")
        here, there = cpu_seconds(
            make_job(folder, runner=runner), [put(runner, genome) for genome in (warmup, *chosen)]
        )
        runner.close()
        print(f"CPU time of a candidate, warm  {here:.3f} s here, {there:.3f} s in the compiler's process")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
