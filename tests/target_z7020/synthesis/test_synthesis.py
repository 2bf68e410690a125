# SPDX-License-Identifier: Apache-2.0
import pytest

from drawplate.store import Store
from drawplate_target_z7020.cost.structure import structure
from drawplate_target_z7020.description import MatMul
from drawplate_target_z7020.description.specimen import LayerShape, random_mlp
from drawplate_target_z7020.description.types import unsigned
from drawplate_target_z7020.resources import Resources
from drawplate_target_z7020.rtl import generate
from drawplate_target_z7020.synthesis import synthesise
from drawplate_target_z7020.synthesis.count import count

pytestmark = pytest.mark.yosys


def mlp(seed=0, pe=2):
    shapes = [
        LayerShape(mh=16, pe=pe, simd=4, weight_bits=2, output_bits=2),
        LayerShape(mh=10, pe=1, simd=2, weight_bits=2, output_bits=None),
    ]
    return random_mlp(32, unsigned(2), shapes, seed)


def test_counts_follow_7_series_rules():
    cells = {
        "LUT6": 3,
        "LUT6_2": 2,
        "INV": 1,
        "RAM32M": 2,
        "FDRE": 7,
        "FDSE": 1,
        "RAMB36E1": 2,
        "RAMB18E1": 1,
        "CARRY4": 9,
    }
    assert count({"design": {"num_cells_by_type": cells}}) == Resources(lut=14, ff=8, bram18=5, dsp=0)


def test_a_design_is_counted_layer_by_layer_and_each_shape_once(tmp_path):
    store = Store(tmp_path)
    found = synthesise(generate(mlp(seed=0)), store.derived)
    assert [layer.layer for layer in found.layers] == ["matmul0", "matmul1"]
    assert found.resources.lut == sum(layer.resources.lut for layer in found.layers)
    for layer, counted in zip(generate(mlp(seed=0)).layers, found.layers, strict=True):
        assert counted.resources.lut >= layer.luts
    made = set(tmp_path.glob("derived/synthesis/*"))
    assert len(made) == 2
    again = synthesise(generate(mlp(seed=0)), store.derived)
    assert again == found
    assert set(tmp_path.glob("derived/synthesis/*")) == made


def test_block_ram_is_counted_by_shape():
    network = random_mlp(784, unsigned(3), [LayerShape(mh=256, pe=4, simd=7, weight_bits=3, output_bits=None)], 0)
    layer = network.layers[0]
    assert isinstance(layer, MatMul)
    # 84 bits by 7168 words: 7 rows of 1024 words by 5 columns of 18 bits.
    assert structure(layer, network.input.type, layer.simd).bram18 == 35
