# SPDX-License-Identifier: Apache-2.0
import os
import time
from concurrent.futures import process

import pytest

from drawplate.errors import FlowError, StepFailed
from drawplate.executor.workers import Workers
from drawplate.job import Request
from drawplate.testing import make_job, make_runner


def square(job, item):
    return item * item, job.seed, os.getpid()


def fail(job, item):
    if item == 1:
        raise FlowError("is odd", where="item 1")
    if item == 2:
        raise KeyError("two")
    return item


def die_once(job, item):
    path, number = item
    if number == 3 and not path.exists():
        path.touch()
        os._exit(9)
    return number


def die(job, item):
    os._exit(9)


@pytest.mark.parametrize("workers", [1, 2])
def test_answers_come_in_order(tmp_path, workers):
    job = make_job(tmp_path, seed=7, runner=make_runner(tmp_path, workers=workers))
    answers = job.map(square, range(6))
    assert [answer[:2] for answer in answers] == [(i * i, 7) for i in range(6)]
    assert (os.getpid() in {answer[2] for answer in answers}) == (workers == 1)


def test_workers_stay_from_pool_to_pool(tmp_path):
    runner = make_runner(tmp_path, workers=2)
    job = make_job(tmp_path, runner=runner)
    first, again = ({answer[2] for answer in job.map(square, range(20))} for _ in range(2))
    assert again <= first
    runner.close()
    assert not first & {answer[2] for answer in job.map(square, range(6))}


def wait_for(job, path):
    for _ in range(600):
        if path.exists():
            return True
        time.sleep(0.1)
    return False


def test_what_was_not_begun_is_given_up_where_nobody_asks_for_it(tmp_path):
    job = make_job(tmp_path, runner=make_runner(tmp_path, workers=2))
    go, ended = tmp_path / "go", tmp_path / "ended"
    with job.pool() as pool:
        go.touch()
        first = pool.submit(wait_for, go)
        futures = [pool.submit(wait_for, ended) for _ in range(8)]
        futures[-1].add_done_callback(lambda _: ended.touch())  # those begun wait for it
        assert first.result()
    assert all(future.done() for future in futures)
    assert any(future.cancelled() for future in futures)


def interrupted(job, go, waiting):
    with job.pool() as pool:
        waiting += [pool.submit(wait_for, go) for _ in range(8)]
        raise KeyboardInterrupt


def test_an_error_ends_the_workers_in_the_middle_of_their_work(tmp_path):
    job = make_job(tmp_path, runner=make_runner(tmp_path, workers=2))
    waiting = []
    with pytest.raises(KeyboardInterrupt):
        interrupted(job, tmp_path / "go", waiting)
    assert sum(future.cancelled() for future in waiting) >= 4  # those that no worker had taken
    (tmp_path / "go").touch()
    assert job.map(wait_for, [tmp_path / "go"]) == [True]


def test_what_an_executor_forgets_is_tried_again(tmp_path, monkeypatch):
    def forget(manager, _cause):
        """End as where something is submitted just then: broken, and nothing that waits is told."""
        executor = manager.executor_reference()
        executor._broken, executor._shutdown_thread = "a worker died", True
        for worker in manager.processes.values():
            worker.terminate()

    monkeypatch.setattr(process._ExecutorManagerThread, "terminate_broken", forget)
    job = make_job(tmp_path, runner=make_runner(tmp_path, workers=2))
    assert job.map(die_once, [(tmp_path / "died", number) for number in range(6)]) == list(range(6))


def test_what_cannot_be_sent_again_is_told(tmp_path, monkeypatch):
    send, sent = Workers.send, []

    def once(workers, ticket):
        if ticket in sent:
            raise OSError("no more processes")
        sent.append(ticket)
        send(workers, ticket)

    monkeypatch.setattr(Workers, "send", once)
    job = make_job(tmp_path, runner=make_runner(tmp_path, workers=2))
    with pytest.raises(OSError, match="no more processes"):
        job.map(die, [1])


@pytest.fixture
def search(write_plugin):
    """An unpackaged search: its candidates, and what judges them, are the file's own."""
    return write_plugin(
        "search",
        """
        import os

        @frozen
        class Found:
            weight: float
            process: int

        @frozen
        class Candidate:
            factor: float

            def judge(self, job):
                outcome = job.run("count", job.artifact(self.model), options={"factor": self.factor})
                return Found(outcome.metric("weight"), os.getpid())

            model: dict

        def judge(job, candidate):
            return candidate.judge(job)

        @hookimpl
        def card():
            return Card(
                summary="", options={"compress": Options}, accepts={Form.FLOAT}, runs=lambda options: ["count"]
            )

        @hookimpl
        def compress(model, options, job):
            from drawplate.store.records import artifact_record
            items = [Candidate(factor, artifact_record(model)) for factor in (1.0, 2.0, 3.0)]
            for found in job.map(judge, items):
                job.note(f"{found.weight} {found.process != os.getpid()}")
            return model
        """,
    )


def searched(folder, files, tiny, **how):
    runner = make_runner(folder, plugin_files=files, **how)
    return runner.run(Request(step="search", subject=runner.session.store.put_model(tiny))).notes


def test_workers_know_unpackaged_plugins(tmp_path, search, count, write_plugin, tiny):
    bad = write_plugin("bad", "import no_such_module")
    alone = searched(tmp_path / "one", [search, count, bad], tiny, workers=1)
    assert len({note.split()[0] for note in alone}) == 3
    spread = searched(tmp_path / "two", [search, count, bad], tiny, workers=2)
    assert spread == tuple(note.replace("False", "True") for note in alone)


@pytest.fixture(scope="module")
def ray():
    """A local cluster of two workers."""
    found = pytest.importorskip("ray", reason="Ray is an extra")
    found.init(address="local", num_cpus=2, include_dashboard=False, log_to_driver=False, logging_level="ERROR")
    yield found
    found.shutdown()


@pytest.mark.slow
def test_ray_gives_the_same_answers(tmp_path, ray):
    job = make_job(tmp_path, seed=7, runner=make_runner(tmp_path, workers=2, executor="ray"))
    answers = job.map(square, range(6))
    assert [answer[:2] for answer in answers] == [(i * i, 7) for i in range(6)]
    assert os.getpid() not in {answer[2] for answer in answers}
    zero, one, two = job.map(fail, range(3))
    assert zero == 0
    assert isinstance(one, FlowError)
    assert one.where == "item 1"
    assert isinstance(two, StepFailed)
    assert "KeyError" in two.traceback


@pytest.mark.slow
def test_ray_workers_know_unpackaged_plugins(tmp_path, ray, search, count, tiny):
    alone = searched(tmp_path / "one", [search, count], tiny, workers=1)
    spread = searched(tmp_path / "two", [search, count], tiny, workers=2, executor="ray")
    assert spread == tuple(note.replace("False", "True") for note in alone)


@pytest.mark.slow
def test_a_lost_ray_worker_costs_nothing_but_time(tmp_path, ray):
    job = make_job(tmp_path, runner=make_runner(tmp_path, workers=2, executor="ray"))
    assert job.map(die_once, [(tmp_path / "died", i) for i in range(8)]) == list(range(8))
    assert (tmp_path / "died").exists()
    (answer,) = job.map(die, [0])
    assert isinstance(answer, StepFailed)
    assert "lost 3 times" in answer.what


@pytest.mark.parametrize("workers", [1, 2])
def test_a_failure_is_an_answer(tmp_path, workers):
    zero, one, two = make_job(tmp_path, runner=make_runner(tmp_path, workers=workers)).map(fail, range(3))
    assert zero == 0
    assert isinstance(one, FlowError)
    assert one.where == "item 1"
    assert isinstance(two, StepFailed)
    assert "KeyError" in two.traceback


def test_a_lost_worker_costs_nothing_but_time(tmp_path):
    job = make_job(tmp_path, runner=make_runner(tmp_path, workers=2))
    assert job.map(die_once, [(tmp_path / "died", i) for i in range(8)]) == list(range(8))


def test_an_item_that_kills_every_worker_is_given_up(tmp_path):
    (answer,) = make_job(tmp_path, runner=make_runner(tmp_path, workers=2)).map(die, [0])
    assert isinstance(answer, StepFailed)
    assert "died" in answer.what
