# SPDX-License-Identifier: Apache-2.0
"""Blobs are read to the last byte, and damaged ones are refused."""

import contextlib
import struct

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from drawplate.errors import ModelError
from drawplate.zoo import build_model
from drawplate_target_myriadx.blob import Place, read_blob
from drawplate_target_myriadx.compiler import compile_model
from drawplate_target_myriadx.options import ExportOptions
from drawplate_target_myriadx.prepare import prepare

pytestmark = pytest.mark.myriad


@pytest.fixture(scope="module")
def compiled(tool, tmp_path_factory):
    proto = build_model("flexstudent", {}, shape=(3, 32, 32), classes=10, seed=0)
    return compile_model(prepare(proto).proto, ExportOptions(), tool, tmp_path_factory.mktemp("blob"))


def test_a_blob_tells_what_was_compiled(compiled):
    blob = read_blob(compiled.data)
    assert [(port.name, port.tensor.shape, port.tensor.dtype) for port in blob.inputs] == [
        ("input", (1, 3, 32, 32), "fp32")
    ]
    assert [(port.name, port.tensor.shape) for port in blob.outputs] == [("logits", (1, 10))]
    assert blob.size == len(compiled.data) == blob.header.file_size
    convolutions = [stage for stage in blob.stages if stage.hardware and stage.operations[0].kind != "pool"]
    assert (3, 3) in {stage.operations[0].kernel for stage in convolutions}
    assert any(buffer.place is Place.CMX for stage in blob.stages for buffer in stage.buffers)


def test_stages_are_named_by_the_models_layers(compiled):
    layers = {"input", "logits", *(f"conv{n}{part}" for n in (1, 2, 3) for part in ("", ".pool", ".act"))}
    layers |= {"fc1", "fc1.act", "head", "flat"}
    assert set(compiled.layers) <= layers
    assert {"conv1", "conv2", "conv3", "head"} <= set(compiled.layers)


def test_memory_is_the_compilers_count(compiled):
    assert 0 < compiled.memory["CMX"] <= 9 * 128 * 1024
    assert compiled.memory["BSS"] <= compiled.blob.header.ddr_bytes


def test_a_byte_more_or_less_is_refused(compiled):
    for data in (compiled.data[:-1], compiled.data + b"\0", b"", b"\x7felf", compiled.data[:100]):
        with pytest.raises(ModelError, match="no Myriad X blob"):
            read_blob(data)


def test_another_version_is_refused(compiled):
    data = bytearray(compiled.data)
    struct.pack_into("<I", data, 60, 5)
    with pytest.raises(ModelError, match="version 5"):
        read_blob(bytes(data))


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(position=st.integers(0, 3135), value=st.integers(0, 255))
def test_damage_never_surprises(compiled, position, value):
    """Whatever a byte becomes, the blob is read, or refused as a user's error."""
    data = bytearray(compiled.data)
    data[position] = value
    with contextlib.suppress(ModelError):
        read_blob(bytes(data))
