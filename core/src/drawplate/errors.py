# SPDX-License-Identifier: Apache-2.0
"""What can go wrong, said once and well.

Everything a user can mend is a :class:`DrawplateError`: the command line prints its message without a
traceback and exits with code 2.  Anything else is a bug and keeps its traceback.
"""

from __future__ import annotations

from collections.abc import Iterable


def nearest(word: str, allowed: Iterable[str]) -> str | None:
    """Return the allowed word that ``word`` was most likely meant to be, if any is close."""
    import difflib  # only when something went wrong

    matches = difflib.get_close_matches(word, list(allowed), n=1, cutoff=0.6)
    return matches[0] if matches else None


class DrawplateError(Exception):
    """Something the user can mend.

    Args:
        what: what is wrong, one sentence.
        where: file, step, key, layer; the most outer first, e.g. ``"my.toml, step 2 (fold)"``.
        allowed: what is accepted here.
        meant: the nearest accepted word.
        hint: what to do next.
    """

    exit_code = 2

    def __init__(
        self,
        what: str,
        *,
        where: str | None = None,
        allowed: Iterable[str] | str | None = None,
        meant: str | None = None,
        hint: str | None = None,
    ) -> None:
        self.what = what
        self.where = where
        self.allowed = allowed if isinstance(allowed, str) or allowed is None else ", ".join(allowed)
        self.meant = meant
        self.hint = hint
        super().__init__(self.message)

    def __reduce__(self) -> tuple[object, ...]:
        # Exceptions cross process borders; the default rebuilds from the message alone and loses the parts.
        return (_rebuild, (type(self), self.__dict__.copy()))

    @property
    def message(self) -> str:
        """The whole message, as the command line prints it."""
        lines = [f"{self.where}: {self.what}" if self.where else self.what]
        if self.allowed:
            lines.append(f"allowed: {self.allowed}")
        if self.meant:
            lines.append(f"did you mean: {self.meant}?")
        if self.hint:
            lines.append(f"next: {self.hint}")
        return "\n  ".join(lines)

    def at(self, where: str) -> DrawplateError:
        """Return this error with an outer place put before its own."""
        clone: DrawplateError = _rebuild(type(self), self.__dict__.copy())
        clone.where = f"{where}, {self.where}" if self.where else where
        clone.args = (clone.message,)
        return clone

    def __str__(self) -> str:
        return self.message


def _rebuild(kind: type[DrawplateError], state: dict[str, object]) -> DrawplateError:
    error = kind.__new__(kind)
    error.__dict__.update(state)
    error.args = (error.message,)
    return error


class FlowError(DrawplateError):
    """A flow file says something that cannot be carried out."""


class ModelError(DrawplateError):
    """A model file cannot be read, or a step or target cannot handle what is in it."""


class DataError(DrawplateError):
    """A data set is absent, damaged or not what the model expects."""


class StoreError(DrawplateError):
    """The store cannot be read or written."""


class BrokenPlugin(DrawplateError):
    """A plugin that a flow needs could not be loaded."""


class ContractError(DrawplateError):
    """A plugin returned something that it had not promised."""


class ToolMissing(DrawplateError):
    """A program or tool environment that a step needs is not there."""


class StepFailed(DrawplateError):
    """A step raised an unexpected exception; its traceback is in the run folder."""

    exit_code = 1
    traceback: str = ""


class ToolTimeout(StepFailed):
    """A program took longer than it may."""

    exit_code = 2


class ToolWrong(DrawplateError):
    """Something that computes gave another answer than the known one: no result of it can be believed here."""
