# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: TID253 - this module exists only to use Ray
"""Workers of a Ray cluster: one at an address, or a local one that ends with the pool.

All machines of a cluster have to see the store's folder and the data under the same paths: that is looked at before
any work is sent (see docs/how-to/cluster.md).
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, Self, TypeVar

import ray
from attrs import define
from ray.exceptions import RayError, RayTaskError
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

from drawplate.errors import StepFailed, ToolMissing
from drawplate.executor.call import ATTEMPTS, Parcel, Place
from drawplate.executor.nodes import Sight, Token, complaints, look, shown
from drawplate.job import Job

Item = TypeVar("Item")
Answer = TypeVar("Answer")
SECONDS = 60.0
"""In which every machine has to say what it sees."""


def _seen(sight: Any) -> Sight | str:
    """Return what a machine sees, or why it cannot say."""
    try:
        found: Sight = ray.get(sight, timeout=SECONDS)
    except RayError as error:
        return str(getattr(error, "cause", None) or error).strip().splitlines()[-1]
    return found


@define
class RayPool:
    """Tasks of one core each, and one GPU each where the device is one; Ray tries a lost one again."""

    place: Place
    workers: int
    address: str | None
    """Of a cluster, e.g. ``ray://host:10001``; None starts a local one with so many workers."""
    _own: bool = False

    def __enter__(self) -> Self:
        self._own = not ray.is_initialized()
        if self._own:
            local: dict[str, Any] = {} if self.address else {"num_cpus": self.workers, "include_dashboard": False}
            try:
                ray.init(address=self.address or "local", log_to_driver=False, logging_level=logging.ERROR, **local)
            except (ConnectionError, RuntimeError, ValueError) as error:
                raise ToolMissing(
                    f"cannot be reached: {error}", where=f"Ray cluster {self.address or 'on this machine'}"
                ) from error
        try:
            self._check_nodes()
        except BaseException:
            self.__exit__()
            raise
        return self

    def _check_nodes(self) -> None:
        """See that every machine has the same drawplate, and sees the same store.

        One that is lost while it is asked, as for some seconds after a crash, will do no work and needs neither.

        Raises:
            ToolMissing: by machine, when one has not or does not.
        """
        with shown(self.place.session) as token:
            nodes = self._alive()
            asked = {name: self._ask(node_id, token) for name, node_id in nodes.items()}
            sights = {name: _seen(sight) for name, sight in asked.items()}
            lost = nodes.keys() - self._alive().keys()
            sights = {name: sight for name, sight in sights.items() if name not in lost}
            found = complaints(sights, token)
        if found:
            raise ToolMissing(
                "; ".join(found),
                where=f"Ray cluster {self.address or 'on this machine'}",
                hint="every machine needs this drawplate, and the folders of store and data under the same paths "
                "(docs/how-to/cluster.md); or leave --executor out",
            )

    def _alive(self) -> dict[str, str]:
        """Return the machines' names and Ray's own for them."""
        nodes = [node for node in ray.nodes() if node["Alive"]]  # type: ignore[no-untyped-call]
        return {f"{node['NodeManagerHostname']} ({node['NodeID'][:8]})": node["NodeID"] for node in nodes}

    def _ask(self, node_id: str, token: Token) -> Any:
        here = NodeAffinitySchedulingStrategy(node_id, soft=False)
        return ray.remote(look).options(num_cpus=0, max_retries=0, scheduling_strategy=here).remote(token)

    def __exit__(self, *_: object) -> None:
        if self._own:
            ray.shutdown()

    def submit(self, function: Callable[[Job, Item], Answer], item: Item) -> Future[Answer]:
        """Send one item to the cluster."""
        gpus = 1 if self.place.session.device.startswith("cuda") else 0
        task = ray.remote(Parcel.carry_out).options(num_cpus=1, num_gpus=gpus, max_retries=ATTEMPTS - 1)
        answer: Future[Any] = Future()
        sent = task.remote(Parcel.of(self.place, function, item)).future()
        sent.add_done_callback(lambda done: self._finish(function, done, answer))
        return answer

    def _finish(self, function: Callable[..., Any], done: Future[Any], answer: Future[Any]) -> None:
        error = done.exception()
        if error is None:
            answer.set_result(done.result())
        elif isinstance(error, RayTaskError):
            answer.set_exception(error.cause)
        elif isinstance(error, RayError):
            where = f"{self.place.step}, {function.__name__}"
            answer.set_exception(StepFailed(f"its worker was lost {ATTEMPTS} times: {error}", where=where))
        else:
            answer.set_exception(error)
