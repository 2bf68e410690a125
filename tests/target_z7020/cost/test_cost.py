# SPDX-License-Identifier: Apache-2.0
import json
from importlib import resources

import pytest
from hypothesis import HealthCheck, given, settings
from pipelines.draw import pipelines

from drawplate_dataflow.cost import CostModel
from drawplate_dataflow.cost.fitting import fit
from drawplate_dataflow.evidence import estimate_forks, estimate_layers
from drawplate_dataflow.hardware import generate
from drawplate_dataflow.hardware.library import FITTED
from drawplate_dataflow.resources import total
from drawplate_dataflow.technology.fitted import CONSTANTS
from drawplate_target_z7020 import xc7
from drawplate_target_z7020.fitting.fit import estimate, record
from drawplate_target_z7020.fitting.modules import read_modules, synthesise_module
from drawplate_target_z7020.fitting.table import read
from drawplate_target_z7020.xc7 import XC7


def test_the_committed_constants_are_those_of_the_committed_tables():
    again = json.loads(json.dumps(record(read(), fit(read_modules(), XC7))))
    assert again == json.loads((resources.files(xc7) / CONSTANTS).read_text())


def test_every_module_with_terms_has_its_constants():
    assert set(XC7.constants) == set(FITTED)
    for row in read_modules():
        counted = FITTED[row.module].count(row.values, XC7)
        assert len(counted.terms) == len(XC7.constants[row.module])


def test_every_estimate_of_the_table_is_within_the_error_that_goes_with_it():
    model = CostModel(XC7)
    for row in read():
        found = estimate(row, model).resources
        assert abs(found.lut / row.lut - 1) <= XC7.errors.lut + 1e-4
        assert abs(found.ff / row.ff - 1) <= XC7.errors.ff + 1e-4


@pytest.mark.parametrize("row", read_modules(), ids=lambda row: f"{row.module} {row.parameters}")
def test_registers_of_modules_are_counted_exactly(row):
    assert FITTED[row.module].count(row.values, XC7).ffs == row.resources.ff


def test_the_table_has_no_layer_twice():
    seeds = [row.seed for row in read()]
    assert len(seeds) == len(set(seeds))


@given(pipelines())
@settings(max_examples=10, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
def test_a_design_takes_what_its_layers_were_estimated_to_take(network):
    """The same instances are written and priced; what the model is asked for a layer is what its design says."""
    design, model = generate(network, XC7), CostModel(XC7)
    estimates = estimate_layers(network, model) | estimate_forks(network, model)
    for made in (*design.layers, *design.forks):
        assert made.resources == estimates[made.name].resources
        assert made.cycles == (estimates[made.name].cycles or made.cycles)
    assert len(estimates) == len(design.layers) + len(design.forks)
    assert total(made.resources for made in (*design.layers, *design.forks)).lut > 0


@pytest.mark.yosys
def test_a_module_of_the_table_is_synthesised_to_the_same_counts():
    row = next(row for row in read_modules() if row.module == "dp_offset")
    found = synthesise_module(FITTED[row.module], row.values)
    assert (found.lut, found.ff) == (row.resources.lut, row.resources.ff)
