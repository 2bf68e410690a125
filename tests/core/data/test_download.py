# SPDX-License-Identifier: Apache-2.0
"""Downloads from a server of our own: checked, kept, and one message when they fail."""

from __future__ import annotations

import hashlib
import io
import tarfile
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import attrs
import pytest

from drawplate.data import DataOptions, RemoteFile, load_dataset
from drawplate.data.hooks import datasets
from drawplate.errors import DataError
from drawplate.plugins import contributions

from .conftest import IDX, Images


class Quiet(SimpleHTTPRequestHandler):
    asked: list[str]

    def do_GET(self):
        self.asked.append(self.path)
        super().do_GET()

    def log_message(self, *_):
        pass


@pytest.fixture
def server(tmp_path):
    """A folder, its address, and what was asked for."""
    (tmp_path / "served").mkdir()
    handler = type("Handler", (Quiet,), {"asked": []})
    serving = ThreadingHTTPServer(("127.0.0.1", 0), partial(handler, directory=str(tmp_path / "served")))
    threading.Thread(target=serving.serve_forever, daemon=True).start()
    yield tmp_path / "served", f"http://127.0.0.1:{serving.server_port}", handler.asked
    serving.shutdown()
    serving.server_close()


@pytest.fixture(autouse=True)
def _nothing_at_hand(monkeypatch):
    monkeypatch.delenv("DRAWPLATE_DATA", raising=False)


def reader_of(name, remote):
    return {name: attrs.evolve(datasets()[name], remote=tuple(remote))}


def published(folder, address, names):
    return [
        RemoteFile(url=f"{address}/{name}", sha256=hashlib.sha256((folder / name).read_bytes()).hexdigest())
        for name in names
    ]


def test_idx_files_are_fetched_once(server):
    folder, address, asked = server
    images = Images()
    images.write_idx(folder, zipped=True)
    names = [f"{name}.gz" for name in IDX]
    readers = reader_of("mnist", published(folder, address, names))
    first = load_dataset(DataOptions(name="mnist", val=10), readers)
    assert len(first.split("train")) == 50
    assert load_dataset(DataOptions(name="mnist", val=10), readers) == first
    assert asked == [f"/{name}" for name in names]


def test_an_archive_is_unpacked(server, tmp_path):
    folder, address, _ = server
    batches = Images(shape=(3, 32, 32)).write_cifar_pickle(tmp_path / "cifar-10-batches-py")
    with tarfile.open(folder / "cifar.tar.gz", "w:gz") as archive:
        archive.add(batches, "cifar-10-batches-py")
        archive.addfile(tarfile.TarInfo("../escaped"), io.BytesIO())
    (remote,) = published(folder, address, ["cifar.tar.gz"])
    members = tuple(f"cifar-10-batches-py/{file.name}" for file in batches.iterdir())
    readers = reader_of("cifar10", [attrs.evolve(remote, members=members)])
    data = load_dataset(DataOptions(name="cifar10", val=10), readers)
    assert len(data.split("train")) == 50
    assert not list(tmp_path.rglob("escaped"))


def test_another_file_than_the_published_one_is_refused(server, tmp_path):
    folder, address, _ = server
    Images().write_idx(folder, zipped=True)
    readers = reader_of("mnist", [RemoteFile(url=f"{address}/{IDX[0]}.gz", sha256="0" * 64)])
    with pytest.raises(DataError, match="is not the published file"):
        load_dataset(DataOptions(name="mnist"), readers)
    assert not list((tmp_path / "cache").rglob("*ubyte*"))


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/x.gz", "http://host.invalid/x.gz"])
def test_a_host_out_of_reach_is_one_message(url):
    with pytest.raises(DataError) as caught:
        load_dataset(DataOptions(name="mnist"), reader_of("mnist", [RemoteFile(url=url, sha256="0" * 64)]))
    message = caught.value.message
    for part in ("data mnist", "is not found, and", url, "cannot be reached", "train-images-idx3", "DRAWPLATE_DATA"):
        assert part in message


def test_files_that_many_folders_may_hold_are_named_once(tmp_path):
    with pytest.raises(DataError) as caught:
        load_dataset(DataOptions(name="cifar10", path=str(tmp_path)), contributions("datasets"))
    assert "data_batch_1.bin to test_batch.bin (6 files); or" in caught.value.message
    assert caught.value.message.count("data_batch_1.bin") == 1


def test_nothing_is_fetched_where_it_is_not_wanted(server, tmp_path):
    folder, address, asked = server
    Images().write_idx(folder, zipped=True)
    readers = reader_of("mnist", published(folder, address, [f"{name}.gz" for name in IDX]))
    for options in ({"download": False}, {"path": str(tmp_path)}):
        with pytest.raises(DataError, match="is not found"):
            load_dataset(DataOptions(name="mnist", **options), readers)
    assert asked == []


def test_every_published_set_has_a_hash_for_every_file():
    for name in ("mnist", "fashion-mnist", "cifar10", "cifar100"):
        remote = datasets()[name].remote
        assert remote
        assert all(len(file.sha256) == 64 and int(file.sha256, 16) for file in remote)
