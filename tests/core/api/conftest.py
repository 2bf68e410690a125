# SPDX-License-Identifier: Apache-2.0
"""One small run and one small sweep, for all tests of this room."""

import pytest

import drawplate as dp

FLOW = {
    "title": "small",
    "model": {"zoo": "mlp", "hidden": (8,)},
    "data": {"name": "digits", "limit": 200},
    "step": [{"use": "fit", "epochs": 2}, {"use": "ort"}],
}


@pytest.fixture(scope="session")
def store(tmp_path_factory):
    return tmp_path_factory.mktemp("api") / "store"


@pytest.fixture(scope="session")
def result(store):
    return dp.run(FLOW, store=store, quiet=True, workers=1, name="small")


@pytest.fixture(scope="session")
def swept(store, result):
    return dp.sweep(
        FLOW, {"fit.lr": [0.001, 0.01], "seed": range(2)}, store=store, quiet=True, workers=1, ort__only=["measure"]
    )
