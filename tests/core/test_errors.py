# SPDX-License-Identifier: Apache-2.0
import pickle

from drawplate.errors import DrawplateError, FlowError, nearest


def test_message_says_what_where_allowed_nearest_and_next():
    error = FlowError("is 'x'", where="a.toml", allowed=["y", "z"], meant="y", hint="edit the file")
    assert str(error) == "a.toml: is 'x'\n  allowed: y, z\n  did you mean: y?\n  next: edit the file"


def test_an_outer_place_comes_first():
    assert str(DrawplateError("broken", where="layer 'fc'").at("a.toml")) == "a.toml, layer 'fc': broken"


def test_crosses_process_borders_whole():
    error = FlowError("is 'x'", where="a.toml", hint="edit").at("outer")
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is FlowError
    assert str(again) == str(error)
    assert again.hint == "edit"


def test_nearest_is_none_when_nothing_is_close():
    assert nearest("epoch", ["epochs", "batch"]) == "epochs"
    assert nearest("zzz", ["epochs", "batch"]) is None
