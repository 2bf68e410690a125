# SPDX-License-Identifier: Apache-2.0
"""The driver in C, compiled for this machine: it packs as that in Python; a model of registers is its DMA."""

import ctypes
import subprocess

import numpy as np
import pytest

from drawplate.errors import ToolMissing
from drawplate_dataflow.simulate.verilate import compiler

from .designs import kit, pack, unpack

MODEL = """
#include <stdint.h>
/* Registers in memory; a channel is idle when its length has been written, and an engine in reset comes out of it. */
static uint32_t log_[64]; static int count_, failing_; static uint32_t registers_[32];
int events(uint32_t *into) { for (int at = 0; at < count_; at++) into[at] = log_[at]; return count_; }
void reset_model(int failing) { count_ = 0; failing_ = failing; for (int at = 0; at < 32; at++) registers_[at] = 0; }
static void model_write(uintptr_t at, uint32_t value) {
  log_[count_++] = (uint32_t)at; log_[count_++] = value;
  registers_[at / 4] = value & ~4u;
  if (at % 0x30 == 0x28) registers_[at / 0x30 * 12 + 1] = failing_ ? 0x10 : 2;
}
static uint32_t model_read(uintptr_t at) { return registers_[at / 4]; }
#define DRAWPLATE_WRITE(address, value) model_write(address, value)
#define DRAWPLATE_READ(address) model_read(address)
#include "drawplate.c"
"""


def _compiler():
    try:
        return compiler()
    except ToolMissing:
        return None


pytestmark = pytest.mark.skipif(_compiler() is None, reason="needs a C compiler")


@pytest.fixture(scope="module", params=[(2, False), (5, False), (3, True)])
def built(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("c")
    made = kit(request.param[0], packed=request.param[1])
    for name, content in made.files.items():
        (folder / name).write_bytes(content)
    (folder / "model.c").write_text(MODEL)
    warnings = ["-Wall", "-Wextra", "-Werror", "-pedantic"]
    subprocess.run(
        ["gcc", "-std=c99", *warnings, "-shared", "-fPIC", "-o", "driver.so", "model.c"], cwd=folder, check=True
    )
    return made, ctypes.CDLL(str(folder / "driver.so"))


def address(array):
    return array.ctypes.data_as(ctypes.c_void_p)


def test_c_packs_and_unpacks_as_python_does(built):
    made, driver = built
    stream, told = made.stream["input"], made.stream["output"]
    for values in made.golden["inputs"][:8]:
        flat = np.ascontiguousarray(values.reshape(-1), np.int32)
        words = np.full(stream["bus_words"], 77, np.uint64)
        assert driver.drawplate_pack(address(flat), address(words)) == 0
        assert np.array_equal(words, pack(values[None], stream)[0])
        results = made.frames(words[None])
        found = np.zeros(told["elements"], np.int64)
        driver.drawplate_unpack(address(np.ascontiguousarray(results[0])), address(found))
        assert np.array_equal(found, unpack(results, told)[0])


def test_c_refuses_values_without_a_code(built):
    made, driver = built
    stream = made.stream["input"]
    flat = np.full(stream["elements"], stream["low"] - 1, np.int32)
    words = np.zeros(stream["bus_words"], np.uint64)
    assert driver.drawplate_pack(address(flat), address(words)) == -1


def test_the_engine_is_reset_and_the_receiving_channel_starts_first(built):
    made, driver = built
    driver.reset_model(0)
    driver.drawplate_run.argtypes = [ctypes.c_size_t, ctypes.c_size_t, ctypes.c_size_t, ctypes.c_uint32]
    assert driver.drawplate_run(0, 0x1_2000_0000, 0x3000_0000, 3) == 0
    log = (ctypes.c_uint32 * 64)()
    events = [tuple(log[at : at + 2]) for at in range(0, driver.events(log), 2)]
    sizes = [8 * 3 * made.stream[side]["bus_words"] for side in ("output", "input")]
    assert events[0] == (0x00, 4)
    assert events[-2:] == [(0x58, sizes[0]), (0x28, sizes[1])]
    assert (0x48, 0x3000_0000) in events
    assert (0x18, 0x2000_0000) in events
    assert (0x1C, 1) in events
    driver.reset_model(1)
    assert driver.drawplate_run(0, 0, 0, 1) == -2
    assert driver.drawplate_run(0, 0, 0, 0xFFFFFFFF) == -3
