# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: TID253
"""Large products by oneDNN are those of torch.matmul, with their gradients."""

import numpy as np
import onnx
import pytest
import torch

from drawplate import processor
from drawplate.torch import OnnxModule
from drawplate.torch.ops import product as room
from drawplate.torch.ops.product import LEAST, gains, product

SHAPES = [(100, 784, 256), (256, 128, 64), (1, 2048, 1024), (2100, 1000, 1), (1024, 2, 1024)]


@pytest.fixture(autouse=True)
def onednn(monkeypatch):
    """Take it on any processor."""
    if not torch.backends.mkldnn.is_available():
        pytest.skip("this torch has no oneDNN")
    monkeypatch.setattr(room, "by_onednn", lambda: True)


def matrices(rows, inner, columns, *, transposed):
    random = np.random.default_rng(rows)
    a, b = random.standard_normal((rows, inner)), random.standard_normal((inner, columns))
    if transposed:  # as a view of weights that lie the other way round
        return torch.tensor(a, dtype=torch.float32), torch.tensor(b.T.copy(), dtype=torch.float32).t()
    return torch.tensor(a, dtype=torch.float32), torch.tensor(b, dtype=torch.float32)


@pytest.mark.parametrize("transposed", [False, True])
@pytest.mark.parametrize("shape", SHAPES)
def test_products_and_gradients_are_those_of_float64(shape, transposed):
    a, b = (one.detach().requires_grad_() for one in matrices(*shape, transposed=transposed))
    assert gains(a, b)
    found, into = product(a, b), torch.randn(shape[0], shape[2], generator=torch.Generator().manual_seed(1))
    found.backward(into)
    wide_a, wide_b = (one.detach().double().requires_grad_() for one in (a, b))
    expected = wide_a @ wide_b
    expected.backward(into.double())
    for mine, theirs in ((found, expected), (a.grad, wide_a.grad), (b.grad, wide_b.grad)):
        distance = (mine.detach().double() - theirs.detach()).abs().max()
        assert distance < 1e-5 * theirs.detach().abs().max()


LAYOUTS = {
    "every other column": lambda a: a.repeat_interleave(2, 1)[:, ::2],
    "columns of more": lambda a: torch.cat([a[:, :3], a], 1)[:, 3:],
    "one row, many times": lambda a: a[:1].expand_as(a),
    "transposed": lambda a: a.t().contiguous().t(),
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_any_layout_in_memory_will_do(layout):
    a, b = matrices(*SHAPES[0], transposed=True)
    placed = LAYOUTS[layout](a)
    assert not placed.is_contiguous()
    expected = placed.double() @ b.double()
    assert (product(placed, b).double() - expected).abs().max() < 1e-5 * expected.abs().max()


def test_equal_inputs_give_equal_bytes():
    a, b = matrices(*SHAPES[0], transposed=True)
    assert {product(a, b).numpy().tobytes() for _ in range(5)} == {product(a, b).numpy().tobytes()}


def test_only_those_that_ask_for_gradients_get_them():
    a, b = matrices(*SHAPES[0], transposed=False)
    product(a, b.requires_grad_()).sum().backward()
    assert a.grad is None
    assert b.grad is not None


def test_small_ones_other_types_and_bfloat16_are_torchs():
    a, b = matrices(*SHAPES[0], transposed=False)
    assert gains(a, b)
    assert not gains(a.double(), b.double())
    assert not gains(a[: (LEAST - 1) // b.numel()], b)
    assert not gains(a[None], b)
    with torch.autocast("cpu", torch.bfloat16):
        assert not gains(a, b)
        assert product(a, b).dtype == torch.bfloat16


@pytest.mark.parametrize(
    ("text", "of_others"),
    [
        ("vendor_id : AuthenticAMD\nflags : fpu avx2 avx512f avx512bw\n", True),
        ("vendor_id : AuthenticAMD\nflags : fpu avx2\n", False),
        ("vendor_id : GenuineIntel\nflags : fpu avx2 avx512f\n", False),
        ("", False),
    ],
)
def test_it_is_taken_where_mkl_keeps_to_avx2(text, of_others, monkeypatch, tmp_path):
    path = tmp_path / "cpuinfo"
    path.write_text(text)
    monkeypatch.setattr(processor, "CPUINFO", path)
    processor.mkl_keeps_to_avx2.cache_clear()
    assert processor.mkl_keeps_to_avx2() is of_others
    monkeypatch.undo()
    processor.mkl_keeps_to_avx2.cache_clear()


def rounded_more(a, b):
    return a.bfloat16().float() @ b.bfloat16().float().t()


def gone(a, b):
    raise RuntimeError("unknown operator")


def test_an_operator_that_is_gone_or_computes_otherwise_is_not_taken(monkeypatch):
    assert room._is_exact()
    for other in (rounded_more, gone):
        monkeypatch.setattr(room, "_times_transposed", other)
        assert not room._is_exact()


@pytest.mark.parametrize("bias", ["", ", c"])
def test_linear_layers_of_a_graph_go_there(bias):
    text = f"""<ir_version: 8, opset_import: ["" : 17]> net (float[64, 512] x) => (float[64, 256] y)
        <float[256, 512] w, float[256] c> {{ y = Gemm<transB = 1>(x, w{bias}) }}"""
    proto = onnx.parser.parse_model(text)
    random = np.random.default_rng(0)
    weights, offsets = random.standard_normal((256, 512)), random.standard_normal(256)
    for name, values in (("w", weights), ("c", offsets)):
        proto.graph.initializer.append(onnx.numpy_helper.from_array(values.astype(np.float32), name))
    x = random.standard_normal((64, 512))
    module = OnnxModule(proto)
    found = module(torch.tensor(x, dtype=torch.float32))
    assert "_Product" in repr(found.grad_fn) or "_Product" in repr(found.grad_fn.next_functions)
    expected = x @ weights.T + (offsets if bias else 0)
    np.testing.assert_allclose(found.detach().numpy(), expected, rtol=1e-3, atol=1e-3)
