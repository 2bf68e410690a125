# SPDX-License-Identifier: Apache-2.0
"""What a data set is, as data."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attrs import evolve, field, frozen

from drawplate.data.download import RemoteFile
from drawplate.data.normalisation import Normalisation
from drawplate.errors import DataError, nearest
from drawplate.task.kinds import TASKS
from drawplate.task.task import Kind, Task

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from drawplate.data.options import DataOptions

    Items = NDArray[Any]


@frozen(kw_only=True)
class Split:
    """A part of a data set."""

    name: str
    x: Items = field(eq=False, repr=False)
    """Shape (N, ...), in the type that the data came in: uint8, uint16, int8 to int32, float16 to float64."""
    y: Items = field(eq=False, repr=False)
    """Classes: int64 (N,).  Labels: float32 (N, L) of 0 and 1.  Numbers: float32 (N, ...).  Of a reconstruction: int64
    (N,), 1 for an anomaly."""

    def __len__(self) -> int:
        return len(self.y)

    def first(self, count: int | None) -> Split:
        """Return the first so many examples; all for None."""
        return self if count is None else evolve(self, x=self.x[:count], y=self.y[:count])


@frozen(kw_only=True)
class Raw:
    """What a reader found: the training data, the last of which may become validation, and the test data."""

    train_x: Items = field(eq=False, repr=False)
    train_y: Any = field(eq=False, repr=False)
    """One target per item, in the form of its task; None where there are none."""
    test_x: Items = field(eq=False, repr=False)
    test_y: Any = field(eq=False, repr=False)
    classes: tuple[str, ...] = ()
    """Their names; empty where the files do not tell them."""
    notes: tuple[str, ...] = ()
    """What has to be said beside every accuracy, e.g. that the images are lossy."""
    validation: int = 0
    """How many of the last training items are validation, where the files say so."""
    train_at: Items | None = field(default=None, eq=False, repr=False)
    """Where the training items stand in the file, where that is not divided: messages name these places."""
    test_at: Items | None = field(default=None, eq=False, repr=False)
    synthetic: bool = False
    """Whether the examples are made up."""


@frozen(kw_only=True)
class Dataset:
    """Items and labels, split and ready."""

    name: str
    classes: tuple[str, ...]
    shape: tuple[int, ...]
    """Of one item: (channels, height, width) of pictures, (channels, length) of series, (features,) of vectors."""
    normalisation: Normalisation
    digest: str
    """SHA-256 over all values, labels and the split."""
    splits: Mapping[str, Split] = field(eq=False, repr=False)
    notes: tuple[str, ...] = ()
    task: Task = TASKS[Kind.CLASSIFICATION]
    """What models are for that learn from these data."""
    synthetic: bool = False
    """Whether the examples are made up: every figure found on them says so in its unit."""

    @property
    def noun(self) -> str:
        """What notes call its items."""
        return "images" if len(self.shape) == 3 else "examples"

    @property
    def outputs(self) -> int:
        """How many numbers the task wants of a model for one example; one is enough for two classes."""
        match self.task.kind:
            case Kind.CLASSIFICATION | Kind.LABELS:
                return len(self.classes)
            case Kind.BINARY:
                return 1
            case Kind.REGRESSION:
                return math.prod(self.splits["train"].y.shape[1:])
            case Kind.RECONSTRUCTION:
                return math.prod(self.shape)

    def split(self, name: str) -> Split:
        """Return ``train``, ``val`` or ``test``.

        Raises:
            DataError: when there is no such split.
        """
        if name not in self.splits:
            raise DataError(
                f"there is no split {name!r}",
                where=f"data {self.name}",
                allowed=self.splits,
                meant=nearest(name, self.splits),
            )
        return self.splits[name]


@frozen(kw_only=True)
class DatasetReader:
    """A named data set that can be found somewhere: what the ``datasets`` hook returns."""

    name: str
    summary: str
    find: Callable[[Path | None], Path]
    """Find its files, in the given folder or where such data lie; raises DataError.  Reads nothing."""
    read: Callable[[Path], Raw]
    """Read what ``find`` found."""
    make: Callable[[DataOptions], Raw] | None = None
    """Make the examples of what the flow says, in place of finding and reading them."""
    validation: int = 0
    """How many of the last training items are validation, unless the flow says otherwise."""
    standard: Normalisation | None = None
    """Per-channel statistics for ``normalise = "standard"``; None to compute them from the training data."""
    normalise: str | None = None
    """``unit``, ``standard`` or ``none``, unless the flow says otherwise; None: ``none`` for floats, else ``unit``."""
    remote: tuple[RemoteFile, ...] = ()
    """What to download where ``find`` finds nothing."""
    given: bool = False
    """Whether the flow always says where it is: it reads a user's own files."""
