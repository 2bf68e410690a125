# SPDX-License-Identifier: Apache-2.0
import json
import subprocess
import sys

import numpy as np
import pytest
from attrs import evolve

from drawplate.store import Store
from drawplate_dataflow.cost import CostModel
from drawplate_dataflow.hardware import generate
from drawplate_dataflow.layers import Add, Threshold
from drawplate_dataflow.network import Network, Stream
from drawplate_dataflow.network.types import unsigned
from drawplate_dataflow.resources import Resources
from drawplate_dataflow.specimens.mlp import LayerShape, random_mlp
from drawplate_target_z7020.synthesis.count import count
from drawplate_target_z7020.synthesis.synthesise import any_contents, synthesise
from drawplate_target_z7020.xc7 import XC7
from drawplate_target_z7020.xc7.memory import block_rom

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
    assert count({"design": {"num_cells_by_type": cells}}) == Resources(lut=14, ff=8, ram=5, multiplier=0)


def test_a_design_is_counted_layer_by_layer_and_each_shape_once(tmp_path):
    store = Store(tmp_path)
    found = synthesise(generate(mlp(seed=0), XC7), store.derived)
    assert [layer.layer for layer in found.layers] == ["matmul0", "matmul1"]
    assert found.resources.lut == sum(layer.resources.lut for layer in found.layers)
    for layer, counted in zip(generate(mlp(seed=0), XC7).layers, found.layers, strict=True):
        assert counted.resources.lut == pytest.approx(layer.resources.lut, rel=0.1)
    made = set(tmp_path.glob("derived/synthesis/*"))
    assert len(made) == 2
    again = synthesise(generate(mlp(seed=0), XC7), store.derived)
    assert again == found
    assert set(tmp_path.glob("derived/synthesis/*")) == made


@pytest.mark.parametrize(("bits", "simd", "dsp_pe", "blocks"), [(3, 4, 3, 8), (2, 16, 3, 34), (3, 1, 2, 1)])
def test_yosys_counts_the_blocks_that_the_generator_asked_for(tmp_path, bits, simd, dsp_pe, blocks):
    """Two weights share a block; sixteen elements are a chain of seventeen, the last of which adds up."""
    shape = LayerShape(mh=16, pe=8, simd=simd, weight_bits=bits, output_bits=2, dsp_pe=dsp_pe)
    network = random_mlp(64, unsigned(8), [shape])
    (layer,) = generate(network, XC7).layers
    found = synthesise(generate(network, XC7), Store(tmp_path).derived).resources
    assert found.multiplier == layer.resources.multiplier == blocks
    expected = CostModel(XC7).estimate(network.layers[0], (network.input,), (simd,)).resources
    assert (expected.multiplier, expected.ram) == (found.multiplier, found.ram)
    assert expected.lut == pytest.approx(found.lut, rel=0.05)
    assert expected.ff == pytest.approx(found.ff, rel=0.01)


def test_what_lies_between_layers_is_counted_too(tmp_path):
    start = Stream(shape=(1, 1, 4), type=unsigned(3))
    levels = np.arange(28).reshape(4, 7) % 7
    skip = Threshold(name="skip", inputs=("input",), output=start, thresholds=levels, pe=2)
    total = Add(name="sum", inputs=("skip", "skip"), output=evolve(start, type=unsigned(4)), pe=2)
    design = generate(Network(name="sum", input=start, layers=(skip, total)), XC7)

    (tmp_path / "stat.json").write_text('{"design": {"num_cells_by_type": {"LUT2": 1}}}')
    found = synthesise(design, lambda _kind, _key, _make: tmp_path)
    assert [layer.layer for layer in found.layers] == ["skip", "sum", "skip_fork"]
    assert found.resources.lut == 3


def test_block_ram_is_counted_as_yosys_maps_it():
    """Counts of yosys 0.70 for ROMs of random contents."""
    counted = {(84, 3584): 17, (40, 8192): 18, (24, 1024): 2, (24, 3136): 5, (48, 1568): 6, (147, 784): 9}
    assert {shape: block_rom(*shape).ram for shape in counted} == counted


RUN = """
import sys
from pathlib import Path
from drawplate_dataflow.yosys import execute
from drawplate_target_z7020.synthesis.yosys import commands, leave_out_contents
if sys.argv[1] == "without":
    leave_out_contents(Path.cwd())
    assert Path("brams_defs.vh").is_file()
execute([*commands("rom", ["rom.v"]), "write_verilog -noattr -selected out.v"])
"""
ROM = """
module rom(input wire clk, input wire [9:0] a, output reg [39:0] q);
  reg [39:0] words[0:1023];
  initial $readmemh("rom.hex", words);
  always @(posedge clk) q <= words[a];
endmodule
"""


def test_memory_blocks_are_mapped_alike_without_their_contents(tmp_path):
    """Their initial contents are all that differs, and they are zero then."""
    pytest.importorskip("pyosys")
    (tmp_path / "rom.v").write_text(ROM)
    (tmp_path / "rom.hex").write_text("".join(f"{(at * 0x9E3779B97F) % (1 << 40):x}\n" for at in range(1024)))
    counted, written = {}, {}
    for how in ("with", "without"):
        subprocess.run([sys.executable, "-c", RUN, how], cwd=tmp_path, check=True, stdout=subprocess.DEVNULL)
        counted[how] = json.loads((tmp_path / "stat.json").read_text())["design"]["num_cells_by_type"]
        lines = (tmp_path / "out.v").read_text().splitlines()
        written[how] = [line for line in lines if ".INIT" not in line and not line.startswith("/*")]
    assert counted["with"] == counted["without"]
    assert {"RAMB18E1", "RAMB36E1"} & counted["with"].keys()
    assert written["with"] == written["without"]


def test_contents_that_stand_for_any_training_have_no_constant_bit():
    design = generate(mlp(pe=1), XC7)
    rom = design.layers[0].roms[0]
    words = [int(line, 16) for line in any_contents(rom).split()]
    assert len(words) == rom.depth
    assert max(words).bit_length() <= rom.bits
    seen = [{word >> bit & 1 for word in words} for bit in range(rom.bits)]
    assert all(values == {0, 1} for values in seen)


OWN = """
import sys
from drawplate_dataflow.yosys import execute
from drawplate_target_z7020.synthesis.yosys import commands, map_luts
top, *sources = sys.argv[1:]
ours = commands(top, sources)
at = ours.index(map_luts([])[0])
own = f"synth_xilinx -family xc7 -noiopad -noclkbuf -nodsp -top {top} -run map_luts:"
execute([*ours[:at], own, *ours[at + len(map_luts([])):]])
"""


@pytest.mark.parametrize("name", ["matmul0", "matmul1"])
def test_logic_is_mapped_as_yosys_own_script_maps_it(tmp_path, name):
    """Only what has no logic is left out meanwhile."""
    design = generate(mlp(), XC7)
    (layer,) = (layer for layer in design.layers if layer.name == name)
    for file in (*layer.sources, *layer.contents):
        (tmp_path / file).write_bytes(design.files[file])
    for rom in layer.roms:
        (tmp_path / f"{rom.name}.hex").write_bytes(any_contents(rom))
    sources = [file for file in layer.sources if file.endswith(".v")]
    found = []
    for program in (["-m", "drawplate_target_z7020.synthesis.yosys"], ["-c", OWN]):
        subprocess.run(
            [sys.executable, *program, layer.module, *sources], cwd=tmp_path, check=True, capture_output=True
        )
        found.append(count(json.loads((tmp_path / "stat.json").read_text())))
    assert found[0] == found[1]
    assert found[0].lut > 50
