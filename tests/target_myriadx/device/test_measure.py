# SPDX-License-Identifier: Apache-2.0
"""No device has been at hand: a worker plays its part, across a real process boundary."""

import json
from pathlib import Path

import pytest

from drawplate.errors import DrawplateError, StepFailed
from drawplate.metric import Source
from drawplate.testing import make_job
from drawplate.toolenv import HostTool, start
from drawplate_target_myriadx.device import measure, measure_blob
from drawplate_target_myriadx.device.metrics import measured, record_layers

RUNS = 10
EXPECTED = 3.0


@pytest.fixture
def player():
    worker = Path(__file__).with_name("player.py")
    tool = start(HostTool(name="player", summary="plays a device", package="json", worker=worker, hint=""))
    yield tool
    tool.close()


@pytest.fixture
def blob(tmp_path):
    path = tmp_path / "network.blob"
    path.write_bytes(b"")

    def script(*words):
        path.with_name("script.json").write_text(json.dumps(words))
        return path

    return script


def test_a_device_that_answers_is_measured(player, blob, tmp_path):
    found = measure_blob(player, blob("answer"), RUNS, EXPECTED)
    metrics = {metric.name: metric for metric in measured(found, batch=1)}
    assert metrics["latency_ms"].value == pytest.approx(3.6)
    assert metrics["latency_ms"].error == pytest.approx(0.1)
    assert metrics["throughput"].value == 500
    assert {metric.source for metric in metrics.values()} == {Source.MEASURED}
    job = make_job(tmp_path)
    record_layers(job, found)
    assert job.notebook.read().tables["device_layers"][0]["layer"] == "conv1"


@pytest.mark.parametrize("loss", ["die", "nonsense", "short", "negative", "endless"])
def test_a_lost_device_is_tried_again(player, blob, loss):
    assert measure_blob(player, blob(loss, loss, "answer"), RUNS, EXPECTED).median_ms == pytest.approx(3.6)


def test_a_worker_gives_the_device_back(player, blob):
    measure_blob(player, blob("answer"), RUNS, EXPECTED)
    assert player._child is None


def test_a_hanging_device_is_tried_again(player, blob, monkeypatch):
    monkeypatch.setattr(measure, "BOOT_SECONDS", 3.0)
    assert measure_blob(player, blob("hang", "answer"), RUNS, EXPECTED).median_ms == pytest.approx(3.6)


@pytest.mark.parametrize(("loss", "said"), [("die", "died"), ("nonsense", "nonsense")])
def test_a_device_that_stays_lost_is_a_failed_measurement(player, blob, loss, said):
    with pytest.raises(StepFailed, match=said):
        measure_blob(player, blob(loss), RUNS, EXPECTED)
    assert measure_blob(player, blob("answer"), RUNS, EXPECTED).fps == 500  # and the next one is measured


def test_an_absent_device_is_no_loss_to_be_tried_again(player, blob):
    path = blob("absent", "answer")
    with pytest.raises(DrawplateError, match="no NCS2 answers"):
        measure_blob(player, path, RUNS, EXPECTED)
    assert json.loads(path.with_name("script.json").read_text()) == ["answer"]
