# SPDX-License-Identifier: Apache-2.0
"""The store's folders, and what is put in and taken out."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attrs import field, frozen

from drawplate.artifact import Artifact, Form
from drawplate.build import Build
from drawplate.errors import StoreError
from drawplate.store import atomic
from drawplate.store.keys import digest_of

if TYPE_CHECKING:
    from filelock import BaseFileLock
    from onnx import ModelProto


def _absolute(path: Path) -> Path:
    return path.absolute()


@frozen
class Store:
    """A folder of results.  Any number of processes may use it at once."""

    root: Path = field(converter=_absolute)

    def folder(self, *parts: str) -> Path:
        """Return a folder of the store, made if need be.

        Raises:
            StoreError: when it cannot be made.
        """
        path = self.root.joinpath(*parts)
        try:
            path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError(
                f"cannot be written: {error.strerror}", where=str(path), hint="choose another folder with --store"
            ) from error
        return path

    def lock(self, name: str) -> BaseFileLock:
        """Return a lock that is released when its process ends, however it ends."""
        from filelock import FileLock

        return FileLock(self.folder("locks") / f"{name}.lock")

    # models -------------------------------------------------------------------------------------------------------

    def model_path(self, digest: str) -> Path:
        """Where a model of that digest lies."""
        return self.root / "objects" / digest[:2] / f"{digest}.onnx"

    def put_model(self, proto: ModelProto, form: Form | None = None, parents: tuple[str, ...] = ()) -> Artifact:
        """Keep a model and return its artifact."""
        from drawplate.model_file import detect_form, tensor_specs, write_bytes

        data = write_bytes(proto)
        digest = hashlib.sha256(data).hexdigest()
        path = self.model_path(digest)
        if not path.exists():
            atomic.write_bytes(path, data)
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

    def put_build(self, target: str, source: str, plan: Mapping[str, Any], files: Mapping[str, bytes | Path]) -> Build:
        """Keep the files of an export and return its build."""
        hashes = {name: _hash(files[name]) for name in sorted(files)}
        digest = digest_of({"target": target, "source": source, "plan": dict(plan), "files": hashes})
        root = self.root / "builds" / digest

        def fill(folder: Path) -> None:
            for name, content in files.items():
                path = _inside(folder, name)
                path.parent.mkdir(parents=True, exist_ok=True)
                if isinstance(content, bytes):
                    path.write_bytes(content)
                else:
                    shutil.copyfile(content, path)

        if not root.exists():
            atomic.write_folder(root, fill)
        return Build(root=root, target=target, source=source, digest=digest, plan=plan, files=hashes)

    # results ------------------------------------------------------------------------------------------------------

    def read_result(self, key: str) -> dict[str, Any] | None:
        """Return what a call gave, or None where it has not been made."""
        try:
            found: dict[str, Any] = json.loads((self.root / "results" / f"{key}.json").read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            raise StoreError(
                f"a result cannot be read: {error}",
                where=str(self.root / "results" / f"{key}.json"),
                hint="delete that file: it will be computed again",
            ) from error
        return found

    def write_result(self, key: str, value: Mapping[str, Any]) -> None:
        """Keep what a call gave.  Comes last: all it names is in the store before."""
        atomic.write_json(self.folder("results") / f"{key}.json", value)

    # derived data and work folders --------------------------------------------------------------------------------

    def derived(self, kind: str, key: Mapping[str, Any], make: Callable[[Path], None]) -> Path:
        """Return a folder that is made once per key."""
        name = digest_of(dict(key))
        path = self.root / "derived" / kind / name
        if not path.exists():
            with self.lock(f"{kind}-{name}"):
                if not path.exists():
                    atomic.write_folder(path, make)
        return path

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
    return hashlib.sha256(content if isinstance(content, bytes) else content.read_bytes()).hexdigest()


def _inside(folder: Path, name: str) -> Path:
    path = (folder / name).resolve()
    if not path.is_relative_to(folder.resolve()):
        raise StoreError("a build's file lies outside its folder", where=name)
    return path
