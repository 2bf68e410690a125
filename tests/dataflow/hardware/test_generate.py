# SPDX-License-Identifier: Apache-2.0
import pytest
from attrs import evolve

from drawplate.errors import ModelError
from drawplate_dataflow.hardware import generate
from drawplate_dataflow.network import Memory, unsigned
from drawplate_dataflow.specimens.fuzz import random_chain, random_image
from drawplate_dataflow.specimens.mlp import LayerShape, random_mlp
from drawplate_dataflow.technology import GENERIC, Style


def mlp(seed=0, pe=4, simd=8, weight_bits=3, memory=Memory.AUTO, inputs=64, mh=32):
    hidden = LayerShape(mh=mh, pe=pe, simd=simd, weight_bits=weight_bits, output_bits=3, memory=memory)
    last = LayerShape(mh=10, pe=1, simd=8, weight_bits=weight_bits, output_bits=None)
    return random_mlp(inputs, unsigned(3), [hidden, last], seed)


@pytest.mark.parametrize("make", [mlp, lambda: random_chain(7, 4), lambda: random_image(3)])
def test_equal_networks_give_equal_bytes(make):
    first, second = generate(make(), GENERIC), generate(make(), GENERIC)
    assert first.files == second.files
    assert first.digest() == second.digest()


def test_cycles_are_the_folding_bound():
    design = generate(mlp(), GENERIC)
    assert [layer.cycles for layer in design.layers] == [8 * 8, 4 * 10]
    assert design.cycles == 64


def test_layers_are_self_contained():
    design = generate(random_image(2), GENERIC)
    for layer in design.layers:
        text = b"".join(design.files[name] for name in layer.sources).decode()
        for word in (
            word for line in text.splitlines() for word in line.split("#")[0].split() if word.startswith("dp_")
        ):
            assert f"module {word.split('(')[0]}" in text or word.endswith(".v"), word


def test_another_training_has_the_same_shape_digest():
    one, other = generate(mlp(seed=0), GENERIC), generate(mlp(seed=0), GENERIC)
    changed = mlp(seed=0)
    layer = changed.layers[0]
    moved = evolve(layer, weights=layer.weights[:, ::-1].copy())
    third = generate(evolve(changed, layers=(moved, *changed.layers[1:])), GENERIC)
    assert one.shape_digest(one.layers[0]) == other.shape_digest(other.layers[0])
    assert third.digest() != one.digest()
    assert third.shape_digest(third.layers[0]) == one.shape_digest(one.layers[0])


def test_another_folding_has_another_shape_digest():
    one, other = generate(mlp(pe=4), GENERIC), generate(mlp(pe=8), GENERIC)
    assert one.shape_digest(one.layers[0]) != other.shape_digest(other.layers[0])


def test_short_weight_memories_go_to_luts():
    weights = {rom.style for rom in generate(mlp(pe=16, simd=16), GENERIC).layers[0].roms if rom.purpose == "weights"}
    assert weights == {Style.LUT}
    assert generate(mlp(pe=16, simd=16, memory=Memory.BLOCK), GENERIC).layers[0].roms[0].style is Style.BLOCK


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"pe": 64}, "outside the matrix"),
        ({"simd": 0}, "outside the matrix"),
        ({"pe": 5, "weight_bits": 1}, "weights without a zero"),
        ({"pe": 7, "simd": 64}, "cannot be drained"),
        ({"memory": Memory.LUT, "pe": 1, "simd": 1}, "do not fit LUTs"),
    ],
)
def test_foldings_that_cannot_be_built_are_refused_by_layer(changes, message):
    with pytest.raises(ModelError, match=rf"layer matmul0.*{message}"):
        generate(mlp(**changes), GENERIC)


def test_channels_that_lanes_do_not_divide_are_refused():
    network = random_image(0)
    pad = evolve(network.layers[0], simd=network.layers[0].output.channels + 1)
    with pytest.raises(ModelError, match=r"layer pad.*does not divide"):
        generate(evolve(network, layers=(pad, *network.layers[1:])), GENERIC)
