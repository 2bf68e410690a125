# SPDX-License-Identifier: Apache-2.0
"""The store's folders, and what is put in and taken out."""

from __future__ import annotations

import hashlib
import logging
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attrs import field, frozen

from drawplate.artifact import Artifact, Form
from drawplate.build import Build
from drawplate.errors import StoreError
from drawplate.store import atomic, sealed
from drawplate.store.keys import digest_of
from drawplate.store.lock import locked
from drawplate.store.verified import Verified, hash_file, mark_as_used, sum_up

if TYPE_CHECKING:
    from onnx import ModelProto

_log = logging.getLogger("drawplate.store")


def _absolute(path: Path) -> Path:
    return path.absolute()


@frozen
class Store:
    """A folder of results.  Any number of processes may use it at once.

    What is read is compared with its digest, once per process.  What is damaged counts as absent, so that it is
    computed again, and is replaced then.
    """

    root: Path = field(converter=_absolute)
    lasting: bool = field(default=True, eq=False, kw_only=True)
    """Whether models survive a crash of the machine: one that goes with its process need not wait for the disk."""
    _verified: Verified = field(factory=Verified, eq=False, repr=False, init=False)

    def folder(self, *parts: str) -> Path:
        """Return a folder of the store, made if need be.

        Raises:
            StoreError: when it cannot be made.
        """
        path = self.root.joinpath(*parts)
        with atomic.writing(path):
            path.mkdir(parents=True, exist_ok=True)
        return path

    def lock(self, name: str, *, wait: bool = True, waiting: str = "") -> AbstractContextManager[None]:
        """Hold a lock that is released when its process ends, however it ends.

        Args:
            name: of the lock.
            wait: until whoever holds it lets go.
            waiting: what to say before a wait.

        Raises:
            Busy: when another process holds it and there is no wait.
        """
        return locked(self.lock_path(name), wait=wait, waiting=waiting)

    def lock_path(self, name: str) -> Path:
        """Where a lock lies; whether the file is there says nothing of whether it is held."""
        return self.root / "locks" / f"{name}.lock"

    # models -------------------------------------------------------------------------------------------------------

    def model_path(self, digest: str) -> Path:
        """Where a model of that digest lies."""
        return self.root / "objects" / digest[:2] / f"{digest}.onnx"

    def has_model(self, digest: str) -> bool:
        """Whether a model of that digest is there and whole."""
        return self._verified.file(self.model_path(digest), digest)

    def put_model(self, proto: ModelProto, form: Form | None = None, parents: tuple[str, ...] = ()) -> Artifact:
        """Keep a model and return its artifact."""
        from drawplate.model_file import detect_form, tensor_specs, write_bytes

        data = write_bytes(proto)
        digest = hashlib.sha256(data).hexdigest()
        path = self.model_path(digest)
        if not self.has_model(digest):
            self._clear_damaged(path, "a damaged model of the store was replaced: %s")
            atomic.write_bytes(path, data, sync=self.lasting)
        inputs, outputs = tensor_specs(proto)
        return Artifact(
            path=path,
            digest=digest,
            form=form or detect_form(proto),
            inputs=inputs,
            outputs=outputs,
            opsets={entry.domain: entry.version for entry in proto.opset_import},
            parents=parents,
        )

    # builds -------------------------------------------------------------------------------------------------------

    def build_root(self, digest: str) -> Path:
        """Where a build of that digest lies."""
        return self.root / "builds" / digest

    def has_build(self, digest: str, files: Mapping[str, str]) -> bool:
        """Whether a build of that digest is there with all its files."""
        return self._verified.files(self.build_root(digest), files)

    def put_build(
        self,
        target: str,
        source: str,
        plan: Mapping[str, Any],
        files: Mapping[str, bytes | Path],
        about: Mapping[str, str] | None = None,
    ) -> Build:
        """Keep the files of an export and return its build."""
        hashes = {name: _hash(files[name]) for name in sorted(files)}
        digest = digest_of({"target": target, "source": source, "plan": dict(plan), "files": hashes})
        root = self.build_root(digest)

        def fill(folder: Path) -> None:
            for name, content in files.items():
                path = _inside(folder, name)
                path.parent.mkdir(parents=True, exist_ok=True)
                if isinstance(content, bytes):
                    path.write_bytes(content)
                else:
                    shutil.copyfile(content, path)

        if not self.has_build(digest, hashes):
            self._clear_damaged(root, "a damaged build of the store was replaced: %s")
            atomic.write_folder(root, fill)
        said = dict(about or {})
        return Build(root=root, target=target, source=source, digest=digest, plan=plan, files=hashes, about=said)

    # results ------------------------------------------------------------------------------------------------------

    def read_result(self, key: str) -> dict[str, Any] | None:
        """Return what a call gave, or None where it has not been made, or what was written is damaged."""
        path = self.root / "results" / f"{key}.json"
        try:
            found = sealed.read_record(path)
            if found.pop("key", None) != key:
                raise sealed.Damaged("is the result of another call", where=str(path))  # noqa: TRY301
        except FileNotFoundError:
            return None
        except sealed.Damaged as error:
            _log.warning("a damaged result of the store is computed again: %s", error.message)
            return None
        mark_as_used(path)
        return found

    def write_result(self, key: str, value: Mapping[str, Any]) -> None:
        """Keep what a call gave.  Comes last: all it names is in the store before."""
        sealed.write_record(self.root / "results" / f"{key}.json", {**value, "key": key})

    # derived data and work folders --------------------------------------------------------------------------------

    def derived(self, kind: str, key: Mapping[str, Any], make: Callable[[Path], None]) -> Path:
        """Return a folder that is made once per key, and made again when it was changed."""
        name = digest_of(dict(key))
        path = self.root / "derived" / kind / name

        def fill(folder: Path) -> None:
            make(folder)
            sum_up(folder, name)

        if not self._verified.folder(path):
            with self.lock(f"{kind}-{name}"):
                if not self._verified.folder(path):
                    self._clear_damaged(path, "changed or damaged data of the store are made again: %s")
                    atomic.write_folder(path, fill)
        return path

    def _clear_damaged(self, path: Path, said: str) -> None:
        if path.exists():
            _log.warning(said, path)
            with atomic.writing(path):
                shutil.rmtree(path) if path.is_dir() else path.unlink()

    def clear_work(self, key: str) -> None:
        """Remove what a kill between the end of a call and the end of its cleaning left."""
        shutil.rmtree(self.root / "work" / key, ignore_errors=True)

    @contextmanager
    def work(self, key: str) -> Iterator[Path]:
        """A work folder that is found again after a kill or a failure, and removed after success."""
        path = self.folder("work", key)
        yield path
        self.clear_work(key)


def _hash(content: bytes | Path) -> str:
    return hashlib.sha256(content).hexdigest() if isinstance(content, bytes) else hash_file(content)


def _inside(folder: Path, name: str) -> Path:
    path = (folder / name).resolve()
    if not path.is_relative_to(folder.resolve()):
        raise StoreError("a build's file lies outside its folder", where=name)
    return path
