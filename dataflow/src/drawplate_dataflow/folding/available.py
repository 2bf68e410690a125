# SPDX-License-Identifier: Apache-2.0
"""What a folding may use: a board's device under its ceiling, its clock, its port, in the words of its family."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from attrs import frozen

from drawplate import Board
from drawplate.errors import FlowError, nearest
from drawplate_dataflow.folding.goal import BALANCED, Goal, Prices
from drawplate_dataflow.folding.options import FoldOptions
from drawplate_dataflow.folding.room import Room, room_of
from drawplate_dataflow.host import MakeWrapper, PortLimit, Wrapper, port_of
from drawplate_dataflow.network import Network
from drawplate_dataflow.resources import NAMES, Resources
from drawplate_dataflow.technology import GENERIC, Label, Technology

USUAL = "pynq-z2"
"""The board of a folding that nobody says one for."""
ASIDE = 1e-3
"""Price of a whole budget of a resource beside the one that is preferred."""
UNTRIED = 0.85
"""Part of a resource that may be used where no design has been placed on such a device."""


@frozen(kw_only=True)
class Available:
    """A board, and what may be used of it."""

    board: Board
    technology: Technology
    goal: Goal
    clock_mhz: float
    port: PortLimit | None
    wrapper: Wrapper | None
    notes: tuple[str, ...] = ()

    @property
    def labels(self) -> tuple[Label, Label, Label, Label]:
        """How the family calls its resources."""
        return self.technology.labels

    def rate(self, cycles: int) -> float:
        """Return frames per second."""
        return self.clock_mhz * 1e6 / cycles


def available(
    options: FoldOptions,
    network: Network,
    boards: Mapping[str, Board],
    technologies: Mapping[str, Technology],
    wrappers: Mapping[str, MakeWrapper] = MappingProxyType({}),
) -> Available:
    """Find what the options leave open.

    Args:
        options: of the step.
        network: that is folded: each of its layers takes a placer some room.
        boards: that plugins offer.
        technologies: that they offer, by the step that builds for them.
        wrappers: that they put around networks, likewise.

    Raises:
        FlowError: when there is no such board, it is another target's, or a resource is called otherwise there.
    """
    board, notes = _board(options, _of_fpgas(boards, technologies))
    technology = technologies.get(board.target, GENERIC)
    labels = technology.labels
    whole = tuple(float(board.budget.get(label.name, 0)) * _ceiling(options, board, label) for label in labels)
    given = _by_kind(options.budget, labels, "budget")
    budget = Resources(**{**dict(zip(NAMES, whole, strict=True)), **given})
    clock = options.clock_mhz or board.clock_mhz or 100.0
    port = port_of(board, clock, options.port, packed=bool(options.packed), baud=options.baud)
    if options.embedded:
        port = None
    make = wrappers.get(board.target)
    return Available(
        board=board,
        technology=technology,
        goal=Goal(budget=budget, prices=_prices(options, labels), room=_room(options, network, board, technology)),
        clock_mhz=clock,
        port=port,
        wrapper=None if port is None or make is None else make(board, port),
        notes=notes,
    )


def _room(options: FoldOptions, network: Network, board: Board, technology: Technology) -> Room | None:
    """Return what a placer finds room for; None where somebody says how many LUTs may be used."""
    lut = technology.labels[0].name
    if options.ceiling is not None or {"lut", lut} & options.budget.keys():
        return None
    return room_of(network, technology, float(board.budget.get(lut, 0)))


def _ceiling(options: FoldOptions, board: Board, label: Label) -> float:
    return options.ceiling if options.ceiling is not None else board.placed.get(label.name, UNTRIED)


def _of_fpgas(boards: Mapping[str, Board], technologies: Mapping[str, Technology]) -> dict[str, Board]:
    """Return the boards that designs are made for: their target has a technology, or they count LUTs."""
    return {name: board for name, board in boards.items() if board.target in technologies or "lut" in board.budget}


def _board(options: FoldOptions, folded: Mapping[str, Board]) -> tuple[Board, tuple[str, ...]]:
    if options.board is not None:
        if options.board not in folded:
            raise FlowError(
                f"there is no board {options.board!r}", where="fold", allowed=sorted(folded),
                meant=nearest(options.board, folded),
            )  # fmt: skip
        board = folded[options.board]
        if options.target not in {None, board.target}:
            raise FlowError(
                f"board {board.name} is built for by {board.target}, not by {options.target}",
                where="fold",
                allowed=sorted(name for name, other in folded.items() if other.target == options.target),
            )
        return board, ()
    fitting = {name: board for name, board in folded.items() if options.target in {None, board.target}}
    if not fitting:
        raise FlowError(
            f"no board is known for the target {options.target!r}" if options.target else "no board is known",
            where="fold",
            allowed=sorted({board.target for board in folded.values()})
            or "install a target, e.g. drawplate-target-z7020",
        )
    board = fitting.get(USUAL) or next(iter(fitting.values()))
    return board, (f"folded for {board.name} ({board.part}), for no target follows that says a board",)


def _by_kind(given: Mapping[str, float], labels: tuple[Label, ...], option: str) -> dict[str, float]:
    """Return what was given of each kind of resource, called as the family calls it or by its kind."""
    names = {label.name: kind for label, kind in zip(labels, NAMES, strict=True)}
    known = {**{kind: kind for kind in NAMES}, **names}
    for name, value in given.items():
        if name not in known:
            raise FlowError(
                f"there is no resource {name!r}", where=f"fold, {option}", allowed=list(names),
                meant=nearest(name, names),
            )  # fmt: skip
        if value < 0:
            raise FlowError(f"{name} is {value:g}", where=f"fold, {option}", allowed="at least 0")
    return {known[name]: float(value) for name, value in given.items()}


def _prices(options: FoldOptions, labels: tuple[Label, ...]) -> Prices:
    if options.weights:
        given = _by_kind(options.weights, labels, "weights")
        found = [given.get(kind, 0.0) for kind in NAMES]
    elif options.prefer == "balanced":
        return BALANCED
    else:
        found = [1.0 if kind == options.prefer else ASIDE for kind in NAMES]
    lut, ff, ram, multiplier = found
    return (lut, ff, ram, multiplier)
