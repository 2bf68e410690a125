# SPDX-License-Identifier: Apache-2.0
"""The driver and the self test, without a board: a strict model of the DMA engine before the golden model."""

import json
import runpy
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drawplate_dataflow.host import Bus, drawplate_stream
from drawplate_dataflow.network import golden
from drawplate_target_z7020.board.kit import drawplate_driver

from .designs import kit, pack
from .dma import Engine, install

BUS = {"bus_bits": 64, "bus_words": 98, "stride": 64}


@pytest.fixture
def board(monkeypatch, tmp_path):
    """A folder as it lies on the board, and the engine of the design in it."""

    def prepare(made, frames=None):
        for name, content in made.files.items():
            (tmp_path / name).write_bytes(content)
        sizes = [side["bus_words"] * side["bus_bits"] // 64 for side in (made.stream["input"], made.stream["output"])]
        engine = Engine(frames or made.frames, sizes)
        install(monkeypatch, engine)
        monkeypatch.chdir(tmp_path)
        return engine

    return prepare


@pytest.mark.parametrize(("seed", "packed"), [(seed, seed % 2 == 1) for seed in range(6)])
def test_outputs_are_those_of_the_golden_model(seed, packed, board, monkeypatch):
    made = kit(seed, packed=packed)
    engine = board(made)
    monkeypatch.setattr(drawplate_driver, "TRANSFER", 8 * 20 * max(engine.sizes))
    net = drawplate_driver.Accelerator()
    inputs, outputs = made.golden["inputs"], made.golden["outputs"]
    found, seconds = net.run(inputs)
    assert np.array_equal(found, outputs)
    assert engine.transfers == [20, 20, 20, 4]
    assert seconds > 0
    assert net.run(inputs[:0])[0].shape == (0, outputs.shape[1])
    net.close()


def test_vectors_hold_the_extremes_and_what_the_golden_model_says():
    made = kit(3, scaled=False)
    inputs = made.golden["inputs"]
    kind = made.design.network.input.type
    assert (inputs[0] == kind.low).all()
    assert (inputs[1] == kind.high).all()
    assert np.array_equal(golden.run(made.design.network, inputs).reshape(len(inputs), -1), made.golden["outputs"])
    assert kit(3, scaled=False).files == made.files


@pytest.mark.parametrize(
    ("values", "error", "words"),
    [
        (np.zeros((2, 784), np.float32), TypeError, "integers are sent, not float32: turn data into them by encode"),
        (np.zeros(784, np.uint8), ValueError, r"one item of shape \(784,\): a batch is wanted"),
        (np.zeros((1, 1, 784), np.uint8), ValueError, "one item"),
        (np.zeros((4, 700), np.uint8), ValueError, r"wanted is \(N, 1, 1, 784\)"),
        (np.full((1, 784), 300), ValueError, "do not fit 8-bit codes"),
    ],
)
def test_what_cannot_be_meant_is_refused(values, error, words):
    stream = {"shape": [1, 1, 784], "elements": 784, "channels_first": False, "low": 0, "step": 1}
    with pytest.raises(error, match=words):
        pack(values, stream | {"bits": 8, "lanes": 8, "beats": 98} | BUS)


def test_images_come_channels_first_where_the_model_takes_them_so():
    stream = {"shape": [4, 4, 2], "elements": 32, "channels_first": True, "low": 0, "step": 1}
    stream |= {"bits": 8, "lanes": 8, "beats": 4, "bus_bits": 64, "bus_words": 4, "stride": 64}
    images = np.arange(32, dtype=np.uint8).reshape(1, 2, 4, 4)
    assert np.array_equal(pack(images, stream).view(np.uint8)[0], images.transpose(0, 2, 3, 1).ravel())
    with pytest.raises(ValueError, match=r"wanted is \(N, 2, 4, 4\)"):
        pack(images.reshape(1, 4, 4, 2), stream)
    with pytest.raises(ValueError, match="one item"):
        pack(images[0], stream)


def test_bytes_that_fill_the_bus_are_not_copied():
    stream = {"shape": [1, 1, 784], "elements": 784, "channels_first": False, "low": 0, "step": 1}
    images = np.arange(2 * 784, dtype=np.uint64).astype(np.uint8).reshape(2, 784)
    words = pack(images, stream | {"bits": 8, "lanes": 8, "beats": 98} | BUS)
    assert np.shares_memory(words, images)


@settings(deadline=None, max_examples=60)
@given(
    bits=st.integers(1, 20),
    lanes=st.integers(1, 9),
    beats=st.integers(1, 4),
    spare=st.integers(0, 8),
    low=st.integers(-9, 9),
    step=st.integers(1, 2),
    bus=st.builds(Bus, st.sampled_from([8, 64, 128]), st.booleans()),
)
def test_what_is_packed_is_unpacked(bits, lanes, beats, spare, low, step, bus):
    spare = min(spare, lanes - 1)
    elements = beats * lanes - spare
    stream = {"shape": [1, 1, elements], "elements": elements, "channels_first": False, "low": low, "step": step}
    stream |= {"bits": bits, "lanes": lanes, "beats": beats, "bus_bits": bus.bits, "stride": bus.stride(lanes * bits)}
    stream |= {"bus_words": bus.frame_words(lanes * bits, beats)}
    codes = np.random.default_rng(bits).integers(0, 1 << bits, (3, elements))
    values = low + step * codes
    sent = drawplate_stream.pack(values, stream)
    assert sent.shape == (3, stream["bus_words"] * bus.bits // 8)
    back = drawplate_stream.unpack(sent, stream)
    start = (beats - 1) * lanes
    assert np.array_equal(np.concatenate([back[:, :start], back[:, start + spare :]], axis=1), values)


class Registers:
    """The engine's registers, before a design."""

    def __init__(self, frames, memory):
        self.frames, self.memory, self.values, self.status = frames, memory, {}, 0

    def write(self, at, value):
        self.values[at] = value
        if at == 0:
            source, target = self.memory[self.values[4]], self.memory[self.values[12]]
            assert source.state == "flushed"
            sent = np.array(source).reshape(-1)[: self.values[8]]
            target.reshape(-1)[: self.values[16]] = self.frames(sent).reshape(-1)
            target.state = "received"

    def read(self, at):
        return {0: self.status, 20: 1234, 24: 0x44504C31}[at]


@pytest.mark.parametrize("bits", [64, 128])
def test_a_design_built_without_vivado_has_an_engine_of_its_own(bits, board, monkeypatch, tmp_path):
    """A port of 128 bits has no other, which the driver knows by itself."""
    import types

    made = kit(2, bits=bits)
    sent = made.stream["input"]["bus_words"] * bits // 64
    board(made)
    memory = {}
    pynq = sys.modules["pynq"]
    plain = pynq.allocate

    def allocate(shape, dtype):
        buffer = plain(shape, dtype)
        buffer.device_address = 0x10000 * (1 + len(memory))
        memory[buffer.device_address] = buffer
        return buffer

    registers = Registers(lambda words: made.frames(words.reshape(-1, sent)), memory)
    monkeypatch.setattr(pynq, "allocate", allocate)
    pynq.MMIO, pynq.Clocks = lambda _base, _size: registers, types.SimpleNamespace()
    pynq.Bitstream = lambda _name: types.SimpleNamespace(download=lambda: None)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "open_engine", raising=False)
    net = drawplate_driver.Accelerator(own_engine=bits == 64)
    found, _ = net.run(made.golden["inputs"])
    assert np.array_equal(found, made.golden["outputs"])
    assert pynq.Clocks.fclk0_mhz == 100
    assert net.dma.clocks == 1234
    registers.status = 2
    with pytest.raises(RuntimeError, match="could not read or write"):
        net.run(made.golden["inputs"])
    del sys.modules["open_engine"]


def selftest(monkeypatch, folder):
    monkeypatch.syspath_prepend(str(folder))
    monkeypatch.delitem(sys.modules, "drawplate_driver", raising=False)
    with pytest.raises(SystemExit) as end:
        runpy.run_path(str(folder / "selftest.py"), run_name="__main__")
    monkeypatch.delitem(sys.modules, "drawplate_driver")
    return end.value.code


def test_the_self_test_passes_a_design_that_is_right(board, monkeypatch, tmp_path, capsys):
    board(kit(2))
    assert selftest(monkeypatch, tmp_path) == 0
    said = capsys.readouterr().out
    assert "PASSED: 64 frames equal the golden model bit for bit" in said
    assert "frames per second, planned" in said


def test_the_self_test_classifies_examples_where_there_are_some(board, monkeypatch, tmp_path, capsys):
    made = kit(2)
    board(made)
    scores = made.golden["outputs"]
    classes = scores.argmax(axis=1)
    labels = np.where(np.arange(len(classes)) % 2, classes, classes + 1)
    np.savez(tmp_path / "vectors.npz", x=scores, raw=made.golden["inputs"], y=scores, labels=labels)
    assert selftest(monkeypatch, tmp_path) == 0
    assert "100.0% of 64 examples are classified as the model does, 50.0% as labelled" in capsys.readouterr().out


def test_the_self_test_says_where_it_runs(monkeypatch, tmp_path, capsys):
    for name, content in kit(2).files.items():
        (tmp_path / name).write_bytes(content)
    assert selftest(monkeypatch, tmp_path) == 2
    assert "this runs on the board" in capsys.readouterr().out


def test_the_self_test_names_the_first_frame_that_is_wrong(board, monkeypatch, tmp_path, capsys):
    made = kit(2)

    def broken(words):
        found = made.frames(words)
        found[5:7, 0] ^= np.uint64(1)
        return found

    board(made, broken)
    assert selftest(monkeypatch, tmp_path) == 1
    assert "2 of 64 frames differ; the first is frame 5" in capsys.readouterr().out


def test_the_notebook_runs_but_for_the_users_own_data(board, monkeypatch, tmp_path):
    board(kit(2))
    monkeypatch.setitem(sys.modules, "drawplate_driver", drawplate_driver)
    cells = json.loads((tmp_path / "demo.ipynb").read_text())["cells"]
    space = {}
    for cell in [cell for cell in cells if cell["cell_type"] == "code"][:-1]:
        exec("".join(cell["source"]), space)
    assert np.array_equal(space["found"], space["golden"]["outputs"])
