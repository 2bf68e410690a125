# SPDX-License-Identifier: Apache-2.0
import json

import pytest

from drawplate import Form
from drawplate.errors import FlowError
from drawplate.job import Request
from drawplate.testing import StepContract, make_runner
from drawplate_dataflow.reading import read


@pytest.fixture
def runner(tmp_path):
    return make_runner(tmp_path)


def fold(runner, lowered, **options):
    model = runner.session.store.put_model(lowered, Form.DATAFLOW)
    outcome = runner.run(Request(step="fold", subject=model, options=options))
    return outcome, {layer.name: layer for layer in read(outcome.artifact).layers}


def test_the_highest_rate_that_fits_and_what_binds(runner, lowered):
    outcome, layers = fold(runner, lowered, embedded=True, budget={"lut": 900, "bram18": 20, "dsp": 0})
    assert max(layer.cycles((), (layer.simd,)) for layer in layers.values()) < 64 * 32
    assert any(("do not fit" in note and "needed" in note) or "none of the trades" in note for note in outcome.notes)
    assert any(note.startswith("MVAU_0: PE = ") for note in outcome.notes)


def test_more_budget_is_never_slower(runner, lowered):
    cycles = []
    for lut in (900, 1500, 3000, 6000):
        _, layers = fold(runner, lowered, embedded=True, budget={"lut": lut, "dsp": 0})
        cycles.append(max(layer.cycles((), (layer.simd,)) for layer in layers.values()))
    assert cycles == sorted(cycles, reverse=True)
    assert cycles[0] > cycles[-1]


def test_a_rate_is_met_with_less_than_the_fastest_takes(runner, lowered):
    outcome, layers = fold(runner, lowered, target_fps=500_000)
    assert max(layer.cycles((), (layer.simd,)) for layer in layers.values()) <= 200
    assert "625,000 FPS" in outcome.notes[0]


def test_a_rate_out_of_reach_says_what_is_in_reach(runner, lowered):
    with pytest.raises(FlowError, match=r"(?s)do not fit the budget.*allowed: at most .* FPS"):
        fold(runner, lowered, target_fps=90_000_000, budget={"lut": 1500})


def test_nothing_fits_says_what_takes_most_and_what_would_fit(runner, lowered):
    with pytest.raises(
        FlowError,
        match=r"(?s)no folding fits pynq-z2 .*LUT: at least .* needed, 50 allowed.*smallest folding takes"
        r".*MVAU_0\)?: 2,048 weights.*about \d+% of the channels or a larger board",
    ):
        fold(runner, lowered, embedded=True, budget={"lut": 50})
    with pytest.raises(FlowError, match=r"weight_bits = [12] or"):
        fold(runner, lowered, embedded=True, budget={"lut": 400, "bram18": 0, "dsp": 0})


def test_a_ceiling_is_what_has_been_placed(runner, lowered):
    usual, _ = fold(runner, lowered)
    assert "of 35,112 LUT" in usual.notes[0]  # 0.66 of 53,200
    more, _ = fold(runner, lowered, ceiling=0.9, clock_mhz=150.0, weights={"ff": 1})
    assert "of 47,880 LUT" in more.notes[0]
    assert any("150 MHz is a wish: 107 MHz" in note for note in more.notes)
    artix, _ = fold(runner, lowered, board="arty-a7-35t")
    assert "of 17,680 LUT" in artix.notes[0]  # 0.85 of 20,800


def test_a_uniform_folding_divides_where_it_can(runner, lowered):
    _, layers = fold(runner, lowered, pe=8, simd=8)
    assert (layers["MVAU_0"].pe, layers["MVAU_0"].simd) == (8, 8)
    assert (layers["MVAU_1"].pe, layers["MVAU_1"].simd) == (5, 8)


def test_a_folding_by_hand(runner, lowered):
    _, layers = fold(runner, lowered, layers={"MVAU_0": {"pe": 4, "simd": 16}})
    assert (layers["MVAU_0"].pe, layers["MVAU_0"].simd, layers["MVAU_1"].pe) == (4, 16, 1)
    with pytest.raises(FlowError, match=r"(?s)PE = 33 does not divide.*outside the matrix.*1, 2, 4, 8, 16, 32"):
        fold(runner, lowered, layers={"MVAU_0": {"pe": 33}})
    with pytest.raises(FlowError, match=r"did you mean: MVAU_0\?"):
        fold(runner, lowered, layers={"MVAU0": {"pe": 4}})
    with pytest.raises(FlowError, match=r"did you mean: pynq-z2\?"):
        fold(runner, lowered, board="pynqz2")


def test_a_folding_that_leaves_gaps_is_filled(runner, lowered):
    _, layers = fold(runner, lowered, layers={"MVAU_0": {"pe": 5, "simd": 12}})
    assert (layers["MVAU_0"].pe, layers["MVAU_0"].simd, layers["MVAU_0"].cycles((), (12,))) == (5, 12, 6 * 7)


def test_the_port_binds_and_no_lut_is_spent_beyond(runner, lowered):
    """64 elements of 3 bits are 192 bits: 3 words of 64, and 2 of 128."""
    for port, words in ((64, 3), (128, 2)):
        outcome, layers = fold(runner, lowered, port=port, packed=True)
        assert f"{words} cycles per frame" in outcome.notes[0]
        assert max(layer.cycles((), (layer.simd,)) for layer in layers.values()) <= words
        said = f"bound by the input port: 64 elements of 3 bits through {port} bits a clock take {words} cycles"
        assert any(said in note for note in outcome.notes)


def test_the_wrapper_is_counted_unless_the_network_is_embedded(runner, lowered):
    """What fold says that a design takes is what the target's estimate says, with the wrapper and without."""
    for options in ({}, {"port": 128, "packed": True}, {"board": "arty-a7-35t"}, {"embedded": True}):
        outcome, _ = fold(runner, lowered, **options)
        measured = {"board": "pynq-z2"} | options
        said = runner.run(Request(step="z7020", subject=outcome.artifact, verbs=("measure",), options=measured))
        rows = {metric.layer: metric.value for metric in said.metrics if metric.name == "lut"}
        assert f"estimated {rows[None]:,.0f} of" in outcome.notes[0]
        assert ("wrapper" in rows) is ("embedded" not in options)
        assert sum(value for layer, value in rows.items() if layer) == pytest.approx(rows[None], abs=len(rows))
        told = f"the wrapper's {rows.get('wrapper', 0):,.0f} LUT are among them"
        assert (told in outcome.notes[0]) is ("wrapper" in rows)


def test_a_network_that_fits_only_without_the_wrapper_does_not_fit(runner, lowered):
    budget = {"lut": 600, "dsp": 0}
    fold(runner, lowered, embedded=True, budget=budget)
    with pytest.raises(FlowError, match=r"(?s)no folding fits.*the wrapper's \d+ LUT are among them") as told:
        fold(runner, lowered, budget=budget)
    assert "of the channels" not in told.value.message, "the wrapper alone is more than that"


def test_an_embedded_network_is_bound_by_no_port(runner, lowered):
    outcome, layers = fold(runner, lowered, embedded=True)
    assert max(layer.cycles((), (layer.simd,)) for layer in layers.values()) == 1
    assert not any("port" in note for note in outcome.notes)


def test_a_serial_line_binds_and_no_lut_is_spent_beyond(runner, lowered):
    """64 elements of 3 bits: at least 24 bytes, ten bits each at 3 Mbaud and 100 MHz; a word takes whole bytes."""
    outcome, layers = fold(runner, lowered, board="ulx3s-85f")
    assert "8,000 cycles per frame" in outcome.notes[0]
    said = "bound by the input port: 64 elements of 3 bits through a serial line of 3,000,000 baud take 8,000 cycles"
    assert any(said in note for note in outcome.notes)
    free, wide = fold(runner, lowered, board="ulx3s-85f", embedded=True)
    assert max(layer.cycles((), (layer.simd,)) for layer in wide.values()) < 8000
    spent = [sum(layer.pe * layer.simd for layer in some.values()) for some in (layers, wide)]
    assert spent[0] < spent[1]
    assert not any("serial" in note for note in free.notes)
    slow, _ = fold(runner, lowered, board="ulx3s-85f", baud=300_000)
    assert "80,000 cycles per frame" in slow.notes[0]
    with pytest.raises(FlowError, match=r"(?s)do not fit.*a serial line of 3,000,000 baud.*embedded = true"):
        fold(runner, lowered, board="ulx3s-85f", target_fps=50_000)
    with pytest.raises(FlowError, match="pynq-z2 has no serial line"):
        fold(runner, lowered, baud=300_000)


def test_a_port_that_a_board_does_not_have_is_refused(runner, lowered):
    with pytest.raises(FlowError, match=r"(?s)pynq-z2 has no port of 32 bits.*allowed: 64, 128"):
        fold(runner, lowered, port=32)
    with pytest.raises(FlowError, match="ulx3s-85f has no port between memory and a design"):
        fold(runner, lowered, board="ulx3s-85f", port=128)


def test_what_is_preferred_is_saved(runner, lowered):
    def luts(**options):
        outcome, _ = fold(runner, lowered, target_fps=2_000_000, front=0, **options)
        return int(outcome.notes[0].split("estimated ")[1].split(" of")[0].replace(",", ""))

    assert luts(prefer="lut") <= luts() <= luts(prefer="multiplier")
    assert luts(prefer="lut") < luts(prefer="ff")
    assert luts(weights={"lut": 1}) == luts(prefer="lut")
    with pytest.raises(FlowError, match=r"(?s)no resource 'bram'.*did you mean: bram18"):
        fold(runner, lowered, budget={"bram": 3})


def test_other_rates_are_drawn(runner, lowered):
    outcome, _ = fold(runner, lowered, target_fps=5_000_000, front=6)
    rows = outcome.tables["foldings"]
    assert [row["LUT"] for row in rows] == sorted((row["LUT"] for row in rows), reverse=True)
    assert [row["cycles"] for row in rows] == sorted(row["cycles"] for row in rows)
    assert len(rows) > 2
    assert [point[0] for point in outcome.curves["fps by luts"]] == sorted(p[0] for p in outcome.curves["fps by luts"])


def test_a_board_and_another_boards_target_are_refused(runner, lowered):
    with pytest.raises(FlowError, match=r"pynq-z2 is built for by z7020, not by myriadx"):
        fold(runner, lowered, board="pynq-z2", target="myriadx")


def test_finns_folding_file_goes_in_and_comes_out(runner, lowered, tmp_path):
    table = {"Defaults": {}, "MVAU_0": {"PE": 16, "SIMD": 8, "ram_style": "block"}, "MVAU_1": {"PE": 2, "SIMD": 4}}
    (tmp_path / "folding.json").write_text(json.dumps(table))
    outcome, layers = fold(runner, lowered, folding=str(tmp_path / "folding.json"))
    assert (layers["MVAU_0"].pe, layers["MVAU_0"].simd, layers["MVAU_0"].memory.value) == (16, 8, "block")
    build = runner.run(Request(step="z7020", subject=outcome.artifact, verbs=("export",))).build
    written = json.loads(build.path("folding.json").read_text())
    assert written["MVAU_0"] == table["MVAU_0"]
    (tmp_path / "folding.json").write_text(json.dumps({"MVAU_9": {"PE": 1}}))
    with pytest.raises(FlowError, match="there is no layer 'MVAU_9'"):
        fold(runner, lowered, folding=str(tmp_path / "folding.json"))


def test_a_folding_file_that_finns_own_flow_wrote(runner, lowered, tmp_path):
    """Backends in the names, layers of FINN's own shell, and a path beside the flow's file."""
    table = {
        "Defaults": {},
        "MVAU_hls_0": {"PE": 16, "SIMD": 8, "ram_style": "block", "resType": "lut", "mem_mode": "internal_decoupled"},
        "MVAU_rtl_1": {"PE": 2, "SIMD": 4},
        "LabelSelect_hls_0": {"PE": 1},
        "StreamingFIFO_rtl_0": {"depth": 32},
    }
    (tmp_path / "folding.json").write_text(json.dumps(table))
    outcome, layers = fold(runner, lowered, folding=str(tmp_path / "folding.json"))
    assert [(layers[name].pe, layers[name].simd) for name in ("MVAU_0", "MVAU_1")] == [(16, 8), (2, 4)]
    assert any("passed over" in note and "LabelSelect_hls_0" in note for note in outcome.notes)
    (tmp_path / "folding.json").write_text(json.dumps(["MVAU_0"]))
    with pytest.raises(FlowError, match="is no folding configuration"):
        fold(runner, lowered, folding=str(tmp_path / "folding.json"))


def test_blocks_are_chosen_where_luts_are_short(runner, lowered):
    """Of two foldings of one rate, the one with fewer LUTs has DSP48E1 blocks; none where there are none."""
    _, without = fold(runner, lowered, target_fps=700_000, embedded=True, budget={"dsp": 0, "ff": 100_000})
    assert not any(layer.dsp_pe for layer in without.values())
    options = {"target_fps": 700_000, "embedded": True}
    outcome, some = fold(runner, lowered, **options, budget={"lut": 600, "dsp": 220, "ff": 100_000})
    assert any(layer.dsp_pe for layer in some.values())
    assert any("PE in multipliers = " in note for note in outcome.notes)


@pytest.mark.parametrize(("dsp_pe", "kind", "own"), [(16, "dsp", {}), (6, "auto", {"MVAU_0": {"dsp_pe": 6}})])
def test_blocks_are_carried_in_finns_words(runner, lowered, tmp_path, dsp_pe, kind, own):
    """FINN's resType says all or none; some of a layer's elements stand in the file under a name FINN passes over."""
    outcome, layers = fold(runner, lowered, layers={"MVAU_0": {"pe": 16, "simd": 8, "dsp_pe": dsp_pe}})
    assert (layers["MVAU_0"].dsp_pe, layers["MVAU_1"].dsp_pe) == (dsp_pe, 0)
    path = runner.run(Request(step="z7020", subject=outcome.artifact, verbs=("export",))).build.path("folding.json")
    written = json.loads(path.read_text())
    assert written["MVAU_0"]["resType"] == kind
    assert "resType" not in written["MVAU_1"]
    assert written.get("drawplate", {}) == own
    again, _ = fold(runner, lowered, folding=str(path))
    assert read(again.artifact).layers[0].dsp_pe == dsp_pe
    plain, _ = fold(runner, outcome.artifact.proto(), layers={"MVAU_0": {"pe": 16, "simd": 8}})
    assert not any("resType" in {item.name for item in node.attribute} for node in plain.artifact.proto().graph.node)


def test_more_blocks_than_elements_are_refused(runner, lowered):
    with pytest.raises(FlowError, match=r"(?s)dsp_pe = 9 is not a part of PE = 8.*0 to 8"):
        fold(runner, lowered, layers={"MVAU_0": {"pe": 8, "dsp_pe": 9}})


class TestFoldContract(StepContract):
    step = "fold"

    @pytest.fixture
    def data(self):
        return None

    @pytest.fixture
    def model(self, runner, lowered):
        return runner.session.store.put_model(lowered, Form.DATAFLOW)

    @pytest.fixture
    def options(self):
        return {"target_fps": 200_000}


def test_layers_are_called_as_in_the_model(runner, lowered):
    from onnx import helper

    for node in lowered.graph.node:
        if node.op_type.startswith("MVAU"):
            node.attribute.append(helper.make_attribute("layer", f"fc{node.name[-1]}"))
    outcome, layers = fold(runner, lowered, layers={"fc0": {"pe": 4, "simd": 2}})
    assert (layers["MVAU_0"].pe, layers["MVAU_0"].simd) == (4, 2)
    assert (layers["MVAU_1"].pe, layers["MVAU_1"].simd) == (1, 1)
    assert any(note.startswith("fc0 (MVAU_0): PE = 4") for note in outcome.notes)
    with pytest.raises(FlowError, match=r"layer fc0 \(MVAU_0\): 2,048 weights"):
        fold(runner, lowered, budget={"lut": 50})
    with pytest.raises(FlowError, match="there is no layer 'fc9'"):
        fold(runner, lowered, layers={"fc9": {"pe": 1}})
    with pytest.raises(FlowError, match="unknown key 'PE'") as caught:
        fold(runner, lowered, layers={"fc1": {"PE": 1}})
    assert caught.value.where.endswith("fold, layers.fc1")


def test_fewer_bits_of_weights_and_activations_need_less(lowered):
    from drawplate_dataflow.folding.narrower import widest_weights, with_activations, with_weights

    network = read(lowered)
    narrower = with_activations(with_weights(network, 1), 1)
    assert widest_weights(network) > widest_weights(narrower) == 1
    hidden = [layer for layer in narrower.layers if getattr(layer, "thresholds", None) is not None]
    assert hidden
    assert all(layer.output.type.bits == 1 and layer.thresholds.shape[1] == 1 for layer in hidden)
    assert {layer.weight_type.bits for layer in with_activations(network, 1).layers} == {
        layer.weight_type.bits for layer in network.layers
    }
