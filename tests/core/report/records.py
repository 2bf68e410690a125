# SPDX-License-Identifier: Apache-2.0
"""Records as runs, sweeps and searches leave them, made by rule."""

from __future__ import annotations

import math
import random


def metric(name, value, unit="", source="measured", **more):
    return {"name": name, "value": value, "unit": unit, "source": source, **more}


def artifact(digest, form="float"):
    return {"digest": digest * 8, "form": form, "inputs": [], "outputs": [], "opsets": {"": 13}, "parents": []}


def step(number, name, *, metrics=(), curves=None, tables=None, on="", teachers=(), use=None, form="float"):
    outcome = {
        "artifact": artifact(f"{number}abcdef0", form),
        "front": [],
        "build": None,
        "metrics": list(metrics),
        "curves": curves or {},
        "tables": tables or {},
        "notes": [],
    }
    return {
        "number": number,
        "name": name,
        "use": use or name,
        "on": on,
        "teachers": list(teachers),
        "verbs": ["train"],
        "plugin": {"distribution": "drawplate", "version": "0.1.0"},
        "options": {"epochs": 3},
        "plan_notes": [],
        "seconds": 1.0,
        "outcomes": [outcome],
        "chosen": 0,
    }


def run(*steps, run_id="run-1", models=("model",)):
    return {
        "id": run_id,
        "file": "my.toml",
        "flow": {"title": "a flow"},
        "status": "done",
        "started": "2026-01-01T00:00:00+00:00",
        "updated": "2026-01-01T00:01:00+00:00",
        "seed": 0,
        "device": "cpu",
        "host": "host",
        "error": None,
        "data": {"name": "digits", "digest": "d", "notes": []},
        "models": {name: artifact(f"{n}0123456") for n, name in enumerate(models)},
        "versions": {"python": "3.11"},
        "steps": list(steps),
    }


def candidate_figure(value, unit, source="measured", error=None):
    """A metric as the table of a search's candidates has it: under its name, not with it."""
    return {"value": value, "unit": unit, "source": source, "error": error}


def search_tables(count, seed=0):
    """A search whose points lie above error = 8 + 20 / latency, with noise."""
    draw = random.Random(seed)
    rows = []
    for number in range(count):
        width = draw.choice([8, 16, 24, 32, 48, 64])
        layers = draw.randint(2, 5)
        latency = 1.2 + 0.01 * width * layers + draw.random()
        error = 8 + 20 / latency + draw.expovariate(0.3)
        rows.append(
            {
                "key": f"g{number:05}",
                "generation": number * 20 // count,
                "genome": {"conv_layers": layers, "channels": width, "widths": [width, 2 * width]},
                "status": "ok",
                "reason": "",
                "rung": 0,
                "metrics": {
                    "error": candidate_figure(error, "%"),
                    "myriadx.latency_ms": candidate_figure(latency, "ms", "estimated", error=0.05 * latency),
                    "params": candidate_figure(1000 * width * layers, ""),
                },
                "objectives": ["error", "myriadx.latency_ms"],
                "violation": 0.0,
                "artifact": None,
                "seconds": 10.0,
                "front": False,
                "chosen": False,
                "baseline": number == 0,
            }
        )
    best = math.inf
    for row in sorted(rows, key=lambda row: row["metrics"]["myriadx.latency_ms"]["value"]):
        if row["metrics"]["error"]["value"] < best:
            best = row["metrics"]["error"]["value"]
            row["front"] = True
    next(row for row in reversed(rows) if row["front"])["chosen"] = True
    generations = [
        {"generation": n, "evaluations": (n + 1) * count // 20, "hypervolume": 1 - 0.5 / (n + 1), "seconds": 60.0}
        for n in range(20)
    ]
    failed = {**rows[0], "key": "bad", "status": "failed", "metrics": {}, "reason": "diverged", "baseline": False}
    return {"candidates": [*rows, failed], "generations": generations}


SWEEP = {
    "file": "my.toml",
    "flow": {"title": "a sweep"},
    "status": "done",
    "updated": "2026-01-01T00:01:00+00:00",
    "versions": {"python": "3.11"},
}


def bits_sweep(seeds=1):
    """All of W1..8 x A1..8, by formulas."""
    cells = []
    for weight in range(1, 9):
        for act in range(1, 9):
            for seed in range(seeds):
                top1 = 98.5 - 3 / weight - 1 / act + 0.1 * seed
                cells.append(
                    {
                        "values": [weight, act, seed],
                        "run": f"run-{weight}{act}{seed}",
                        "error": None,
                        "curves": {"fit": {"test_top1": [[n, top1 - 10 / n] for n in (10, 20, 50)]}},
                        "metrics": {
                            "ort": [metric("top1", top1, "%"), metric("error", 100 - top1, "%")],
                            "z7020": [
                                metric("lut", 2000.0 * (weight + act), "LUT", "estimated", error=100.0),
                                metric("ff", 1500.0 * act, "FF", "estimated"),
                                metric("bram18", 30.0 * weight, "RAMB18", "estimated"),
                                metric("fps", 1e6 / (weight + act), "FPS", "estimated"),
                            ],
                        },
                    }
                )
    axes = [
        {"target": "quantize.weight_bits", "values": list(range(1, 9))},
        {"target": "quantize.act_bits", "values": list(range(1, 9))},
        {"target": "seed", "values": list(range(seeds))},
    ]
    return {**SWEEP, "id": "sweep-bits", "axes": axes, "cells": cells}


def kd_sweep():
    """Alpha and temperature, three seeds, and a student without teachers."""
    cells = []
    for alpha in (0.3, 0.5, 0.7, 0.9):
        for temperature in (2, 4, 8, 16):
            for seed in range(3):
                error = 16 - 2 * alpha + 0.1 * abs(temperature - 4) + 0.2 * seed
                cells.append(
                    {
                        "values": [alpha, temperature, seed],
                        "run": f"kd-{alpha}{temperature}{seed}",
                        "error": None,
                        "metrics": {
                            "distilled": [metric("error", error, "%")],
                            "alone": [metric("error", 15.5 + 0.2 * seed, "%")],
                        },
                    }
                )
    axes = [
        {"target": "distill.alpha", "values": [0.3, 0.5, 0.7, 0.9]},
        {"target": "distill.temperature", "values": [2, 4, 8, 16]},
        {"target": "seed", "values": [0, 1, 2]},
    ]
    return {**SWEEP, "id": "sweep-kd", "axes": axes, "cells": cells}


def whole_story(candidates=300):
    """A run with everything on its page."""
    layers = [
        metric(name, value, unit, "synthesised", layer=layer)
        for layer, lut, ff in (("MVAU_0", 12000, 9000), ("MVAU_1", 8000, 7000), ("MVAU_2", 500, 300))
        for name, value, unit in (("cycles", 128, "cycles"), ("lut", lut, "LUT"), ("ff", ff, "FF"))
    ]
    curves = {
        "val_top1": [[n, 90 - 30 / n] for n in range(1, 21)],
        "train_loss": [[n, 2 / n] for n in range(1, 21)],
    }
    return run(
        step(1, "teach", use="fit", on="teacher", curves=curves),
        step(2, "distill", on="model", teachers=("teach",), curves=curves, metrics=[metric("top1", 89.5, "%")]),
        step(3, "evolve", tables=search_tables(candidates), form="float"),
        step(
            4,
            "z7020",
            form="dataflow",
            metrics=[
                metric("top1", 89.4, "%", "simulated"),
                metric("fps", 781250.0, "FPS", "simulated"),
                metric("lut", 43330, "LUT", "synthesised"),
                metric("bram18", 40, "RAMB18", "estimated", error=2.0),
                metric("fits", 1.0, "", "synthesised"),
                *layers,
            ],
        ),
        models=("model", "teacher"),
    )
