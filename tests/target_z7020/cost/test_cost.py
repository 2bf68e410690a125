# SPDX-License-Identifier: Apache-2.0
import json

from drawplate_target_z7020.cost import load_model
from drawplate_target_z7020.cost.fit import fit
from drawplate_target_z7020.cost.model import CONSTANTS
from drawplate_target_z7020.cost.table import read


def test_the_committed_constants_are_those_of_the_committed_table():
    assert fit(read()) == json.loads(CONSTANTS.read_text())


def test_every_estimate_of_the_table_is_within_the_error_that_goes_with_it():
    model = load_model()
    fitted = json.loads(CONSTANTS.read_text())
    worst = max(fitted["fitted"]["lut_worst"], model.lut_error)
    for row in read():
        network = row.network
        layer = network.layers[0]
        found = model.estimate(layer, network.input, layer.simd).resources
        assert abs(found.lut / row.lut - 1) <= worst + 1e-3


def test_the_table_has_no_layer_twice():
    seeds = [row.seed for row in read()]
    assert len(seeds) == len(set(seeds))
