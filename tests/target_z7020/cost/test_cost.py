# SPDX-License-Identifier: Apache-2.0
import json
import re

import numpy as np
import pytest
from attrs import evolve
from hypothesis import HealthCheck, given, settings
from pipelines.build import network as network_of
from pipelines.draw import pipelines
from pipelines.foldings import within
from pipelines.operations import Conv

from drawplate.errors import ModelError
from drawplate_dataflow.cost import load_model
from drawplate_dataflow.cost.forks import fork_parts, forked
from drawplate_dataflow.cost.library import part
from drawplate_dataflow.cost.model import CONSTANTS
from drawplate_dataflow.hardware import generate
from drawplate_dataflow.layers import Add, ArgMax, Threshold
from drawplate_dataflow.network import Network, Stream, unsigned
from drawplate_dataflow.specimens.fuzz import random_image
from drawplate_dataflow.specimens.mlp import LayerShape, random_mlp
from drawplate_target_z7020.fitting.fit import errors, estimate, fit
from drawplate_target_z7020.fitting.modules import read_modules, synthesise_module
from drawplate_target_z7020.fitting.table import read


def test_the_committed_constants_are_those_of_the_committed_tables():
    constants = fit(read_modules())
    again = json.loads(json.dumps({"layers": errors(read(), constants), "lut": constants}))
    assert again == json.loads(CONSTANTS.read_text())


def test_every_estimate_of_the_table_is_within_the_error_that_goes_with_it():
    model = load_model()
    for row in read():
        found = estimate(row, model).resources
        assert abs(found.lut / row.lut - 1) <= model.lut_error + 1e-4
        assert abs(found.ff / row.ff - 1) <= model.ff_error + 1e-4


@pytest.mark.parametrize("row", read_modules(), ids=lambda row: f"{row.module} {dict(row.parameters)}")
def test_registers_of_modules_are_counted_exactly(row):
    assert part(row.module, row.parameters).ffs == row.ff


def test_the_table_has_no_layer_twice():
    seeds = [row.seed for row in read()]
    assert len(seeds) == len(set(seeds))


@pytest.mark.parametrize(("pe", "simd", "output_bits"), [(4, 8, 3), (8, 4, 1), (16, 2, None), (1, 16, 2), (2, 3, 4)])
def test_the_model_takes_apart_what_the_generator_writes(pe, simd, output_bits):
    """Every instance of a library module is priced with the parameters that the generated Verilog sets."""
    shape = LayerShape(mh=32, pe=pe, simd=simd, weight_bits=3, output_bits=output_bits)
    network = random_mlp(48, unsigned(3), [shape])
    design = generate(network)
    check_parts(network, design)


@pytest.mark.parametrize(
    ("pe", "simd", "x_bits", "dsp_pe"), [(8, 8, 8, 3), (8, 8, 8, 8), (16, 6, 3, 7), (4, 1, 8, 2), (16, 3, 3, 16)]
)
def test_the_model_takes_apart_layers_with_blocks(pe, simd, x_bits, dsp_pe):
    shape = LayerShape(mh=32, pe=pe, simd=simd, weight_bits=3, output_bits=2, dsp_pe=dsp_pe)
    network = random_mlp(48, unsigned(x_bits), [shape])
    design = generate(network)
    check_parts(network, design)
    assert load_model().estimate(network.layers[0], (network.input,), (simd,)).resources.dsp == design.layers[0].dsp


@pytest.mark.parametrize("seed", range(4))
def test_the_model_takes_apart_windows_pools_padding_and_thresholds(seed):
    network = random_image(seed)
    check_parts(network, generate(network))


@given(pipelines())
@settings(max_examples=15, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
def test_the_model_takes_apart_whole_networks(network):
    check_parts(network, generate(network))


def test_lanes_that_do_not_divide_the_channels_are_refused_before_anything_is_generated():
    network = within(network_of((4, 4, 4), [Conv(4)]), 400)
    odd = evolve(network.layers[0], simd=3)
    for build in (
        lambda: generate(evolve(network, layers=(odd, *network.layers[1:]))),
        lambda: odd.structure((network.input,), (3,)),
    ):
        with pytest.raises(ModelError, match=rf"layer {odd.name}: SIMD = 3 does not divide the 4 channels"):
            build()


def test_the_model_takes_apart_a_sum_and_an_argmax():
    start = Stream(shape=(1, 1, 6), type=unsigned(3))
    total = Stream(shape=(1, 1, 6), type=unsigned(4))
    levels = np.arange(42).reshape(6, 7) % 7
    layers = (
        Threshold(name="skip", inputs=("input",), output=start, thresholds=levels, pe=2),
        Add(name="sum", inputs=("skip", "skip"), output=total, pe=3),
        ArgMax(name="best", inputs=("sum",), output=Stream(shape=(1, 1, 1), type=unsigned(3))),
    )
    network = Network(name="tail", input=start, layers=layers)
    check_parts(network, generate(network))
    assert forked(network) == ("skip",)


def written_parts(text):
    for module, values in re.findall(r"(dp_\w+) #\(([^;]*?)\)\s*\w+\s*\(", text):
        yield part(module, {name: int(value) for name, value in re.findall(r"\.(\w+)\((\d+)\)", values)})


def check_parts(network, design):
    for layer, made in zip(network.layers, design.layers, strict=True):
        written = list(written_parts(design.files[f"{made.module}.v"].decode()))
        found = layer.structure(network.sources(layer), [port.elements for port in made.s_ports])
        assert sorted(written, key=repr) == sorted(found.parts, key=repr)
        assert found.cycles == made.cycles
    assert len(forked(network)) == len(design.forks)
    for name, made in zip(forked(network), design.forks, strict=True):
        written = list(written_parts(design.files[f"{made.module}.v"].decode()))
        assert sorted(written, key=repr) == sorted(fork_parts(network, name, made.s_ports[0].elements), key=repr)


@pytest.mark.yosys
def test_a_module_of_the_table_is_synthesised_to_the_same_counts():
    row = next(row for row in read_modules() if row.module == "dp_offset")
    found = synthesise_module(row.module, row.parameters)
    assert (found.lut, found.ff) == (row.lut, row.ff)
