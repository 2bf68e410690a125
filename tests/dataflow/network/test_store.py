# SPDX-License-Identifier: Apache-2.0
import json

import numpy as np
import pytest
from attrs import evolve

from drawplate.errors import ModelError
from drawplate_dataflow.network import Scale
from drawplate_dataflow.network.fuzz import random_chain, random_image
from drawplate_dataflow.network.store import load, save


@pytest.mark.parametrize("network", [*(random_chain(seed, 3) for seed in range(4)), *map(random_image, range(4))])
def test_a_network_comes_back_equal(network, tmp_path):
    network = evolve(network, scale=Scale(scale=np.array([0.5]), bias=np.zeros(3)))
    save(network, tmp_path)
    assert load(tmp_path) == network


def test_equal_networks_give_equal_files(tmp_path):
    for folder in ("a", "b"):
        save(random_image(3), tmp_path / folder)
    for name in ("network.json", "network.npz"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


def test_an_unknown_format_is_refused(tmp_path):
    save(random_chain(0, 2), tmp_path)
    document = json.loads((tmp_path / "network.json").read_text())
    (tmp_path / "network.json").write_text(json.dumps(document | {"format": 99}))
    with pytest.raises(ModelError, match="format 99"):
        load(tmp_path)


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(ModelError, match="not a network description"):
        load(tmp_path)
