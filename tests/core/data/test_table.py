# SPDX-License-Identifier: Apache-2.0
"""CSV files: rows of numbers, a target column of numbers or words."""

from __future__ import annotations

import numpy as np
import pytest

from drawplate.errors import DataError

from .conftest import load

load_iris = pytest.importorskip("sklearn.datasets").load_iris
IRIS = load_iris()
WORDS = [str(IRIS.target_names[label]) for label in IRIS.target]


def write(path, rows, header=None, between=","):
    lines = [between.join(map(str, row)) for row in ([header] if header else []) + list(rows)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8-sig")
    return path


def rows(target):
    return [(*values, label) for values, label in zip(IRIS.data.tolist(), target, strict=True)]


@pytest.mark.parametrize("between", [",", ";", "\t"])
@pytest.mark.parametrize("header", [None, ["a", "b", "c", "d", "species"]])
@pytest.mark.parametrize(("target", "classes"), [(WORDS, tuple(IRIS.target_names)), (IRIS.target, ("0", "1", "2"))])
def test_a_table_is_read(between, header, target, classes, tmp_path):
    data = load(name="csv", path=write(tmp_path / "iris.csv", rows(target), header, between))
    assert (data.shape, data.classes) == ((4,), classes)
    assert [len(split) for split in data.splits.values()] == [105, 20, 25]
    found = {(*x.tolist(), int(y)) for split in data.splits.values() for x, y in zip(split.x, split.y, strict=True)}
    assert found == set(rows(IRIS.target))


def test_the_target_is_the_column_of_that_name(tmp_path):
    turned = [(label, *values) for *values, label in rows(WORDS)]
    path = write(tmp_path / "iris.csv", turned, ["Class", "a", "b", "c", "d"])
    assert load(name="csv", path=path).classes == tuple(IRIS.target_names)
    numbers = load(name="csv", path=write(tmp_path / "n.csv", rows(IRIS.data[:, 0])), task="regression")
    assert numbers.split("test").y.dtype == np.float32


def test_a_folder_holds_the_parts(tmp_path):
    shuffled = np.random.default_rng(0).permutation(150)
    made = [rows(WORDS)[at] for at in shuffled]
    write(tmp_path / "train.csv", made[:100])
    write(tmp_path / "test.csv", made[100:120])
    assert [len(split) for split in load(name="csv", path=tmp_path).splits.values()] == [84, 16, 20]
    write(tmp_path / "val.csv", made[120:])
    assert [len(split) for split in load(name="csv", path=tmp_path).splits.values()] == [100, 30, 20]


@pytest.mark.parametrize("name", ["", "Unnamed: 0"])
def test_the_index_that_pandas_writes_is_no_feature(name, tmp_path):
    numbered = [(number, *row) for number, row in enumerate(rows(WORDS))]
    data = load(name="csv", path=write(tmp_path / "iris.csv", numbered, [name, "a", "b", "c", "d", "species"]))
    assert data.shape == (4,)
    assert any("numbers the rows" in note for note in data.notes)
    named = load(name="csv", path=write(tmp_path / "named.csv", numbered, ["n", "a", "b", "c", "d", "species"]))
    assert named.shape == (5,)


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("", "has 0 columns"),
        ("1\n2\n", "has 1 columns"),
        ("a,b\n", "has no rows"),
        ("1,2,a\n1,a\n", "line 2 has 2 columns, the first 3"),
        ("1,2,a\n1,,b\n", "row 2 holds ''"),
        ("1,2,a\n1,x,b\n", "row 2 holds 'x'"),
        ("1,nan,a\n1,2,b\n" * 9, "holds nan at 1"),
        ('1,"2,a\n', "is no table"),
        ("1,2,a\n1,2,a\n" * 9, "has 1 class"),
        ("1,2,0.5\n1,2,1\n" * 9, "are no whole numbers"),
    ],
)
def test_what_is_no_table_is_refused(text, part, tmp_path):
    path = tmp_path / "own.csv"
    path.write_text(text)
    with pytest.raises(DataError, match=part) as caught:
        load(name="csv", path=path)
    assert "own.csv" in caught.value.message


def test_bytes_and_pipes_are_refused(tmp_path):
    path = tmp_path / "own.csv"
    path.write_bytes(bytes(range(256)) * 40)
    with pytest.raises(DataError, match=r"own\.csv"):
        load(name="csv", path=path)
    with pytest.raises(DataError, match="No such file"):
        load(name="csv", path=tmp_path / "absent.csv")
    with pytest.raises(DataError, match=r"train\.csv: cannot be read"):
        load(name="csv", path=tmp_path)
