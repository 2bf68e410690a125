# SPDX-License-Identifier: Apache-2.0
"""The schema of flows says which key of which step is wrong."""

import jsonschema
import pytest

from drawplate.flow.schema import flow_schema
from drawplate.plugins import Plugins

GOOD = {
    "model": {"zoo": "mlp", "hidden": [8]},
    "data": {"name": "digits"},
    "step": [{"use": "fit", "epochs": 2, "name": "first"}, {"use": "ort", "only": ["measure"]}],
}


@pytest.fixture(scope="module")
def validator():
    schema = flow_schema(Plugins())
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


@pytest.mark.parametrize(
    "model",
    [
        {"zoo": "mlp", "hidden": [8], "shape": [1, 8, 8], "classes": 10},
        {"onnx": "a.onnx", "shape": [3, 32, 32], "keep_dropout": True},
        {"python": "net:make", "width": 3, "weights": "w.pt"},
    ],
)
def test_what_a_flow_may_say_is_valid(validator, model):
    validator.validate({**GOOD, "model": model})


@pytest.mark.parametrize(
    ("path", "value", "place", "said"),
    [
        (("step", 0), {"use": "fit", "epoch": 2}, ["step", 0], "'epoch' was unexpected"),
        (("step", 1), {"use": "ort", "threads": 0}, ["step", 1, "threads"], "less than the minimum"),
        (("step", 0), {"use": "fti"}, ["step", 0, "use"], "'fti' is not one of"),
        (("step", 0), {"epochs": 2}, ["step", 0], "'use' is a required property"),
        (("step", 0), {"use": "fit", "only": ["measure"]}, ["step", 0, "only", 0], "is not one of ['train']"),
        (("model",), {"zoo": "mlp", "hiden": [8]}, ["model"], "'hiden' was unexpected"),
        (("model",), {"zoo": "mpl"}, ["model", "zoo"], "'mpl' is not one of"),
        (("model",), {"onnx": "a.onnx", "hidden": [8]}, ["model"], "'hidden' was unexpected"),
        (("data",), {"name": "digitz"}, ["data", "name"], "'digitz' is not one of"),
    ],
)
def test_a_mistake_is_one_error_at_its_key(validator, path, value, place, said):
    flow = {**GOOD, "step": list(GOOD["step"])}
    target = flow
    for key in path[:-1]:
        target = target[key]
    target[path[-1]] = value
    (error,) = validator.iter_errors(flow)
    assert list(error.absolute_path) == place
    assert said in error.message
