# SPDX-License-Identifier: Apache-2.0
"""What is changed at the door, each kind once; that the results stay is checked by the door itself."""

import time

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper
from tests.core.door.texts import Q, held, kinds, model, shape

from drawplate.door import Wish, take_in
from drawplate.errors import ModelError
from drawplate.ort.session import open_session
from drawplate.plugins import contributions
from drawplate.zoo import build_model

FC = {"w": (192, 4), "b": (4,)}
GEMM = "f = Flatten(x) y = Gemm(f, w, b)"
QUANT = 'q = {d}.Quant<signed=1, narrow=0, rounding_mode="ROUND">(f, s, z, n)'
NUMBERS = {"s": np.float32(0.25), "z": np.float32(0), "n": np.float32(4)}


def test_a_tidy_model_passes_as_it_is():
    proto = model(GEMM, **FC)
    entered = take_in(proto)
    assert entered.proto is proto
    assert entered.changes == ()


@pytest.mark.parametrize("name", sorted(contributions("architectures")))
def test_the_zoo_is_tidy(name):
    proto = build_model(name, {}, shape=(3, 32, 32), classes=10, seed=0)
    assert take_in(proto, Wish(keep_dropout=True)).changes == ()


@pytest.mark.parametrize("source", ["shape", "file"])
def test_what_entered_enters_again_as_it_is(source):
    body = (
        "n = Shape(x) i = Constant<value_int=0>() k = Gather(n, i) a = Constant<value_ints=[0]>() u = Unsqueeze(k, a) "
    )
    body += (
        "m = Constant<value_ints=[-1]>() t = Concat<axis=0>(u, m) f = Reshape(x, t) l = Gemm(f, w, b) y = Softmax(l)"
    )
    proto = model(
        body if source == "shape" else GEMM.replace("f =", "d = Dropout(x) f =").replace("(x) y", "(d) y"), **FC
    )
    once = take_in(proto)
    assert once.changes
    assert take_in(once.proto).changes == ()


@pytest.mark.parametrize("domain", ["onnx.brevitas", "finn.custom_op.general", "qonnx", Q])
def test_a_legacy_or_missing_domain_is_mended(domain):
    proto = model(f"f = Flatten(x) {QUANT.format(d=domain)} y = Gemm(q, w, b)", domains=(domain,), **FC, **NUMBERS)
    del proto.opset_import[1:]
    taken = take_in(proto).proto
    assert {entry.domain for entry in taken.opset_import} == {"", Q}
    assert [node.domain for node in taken.graph.node if node.op_type == "Quant"] == [Q]


def test_a_file_without_any_import_has_the_opset_of_its_ir_version():
    proto = model(GEMM, **FC)
    del proto.opset_import[:]
    entered = take_in(proto)
    assert [(entry.domain, entry.version) for entry in entered.proto.opset_import] == [("", 15)]
    assert "import of ai.onnx added" in entered.changes


def test_intquant_is_quant_and_says_what_it_means():
    body = f"f = Flatten(x) q = {Q}.IntQuant<signed=1>(f, s, z, n) y = Gemm(q, w, b)"
    quant = next(
        n for n in take_in(model(body, domains=(Q,), **FC, **NUMBERS)).proto.graph.node if n.op_type == "Quant"
    )
    found = {a.name: helper.get_attribute_value(a) for a in quant.attribute}
    assert found == {"signed": 1, "narrow": 0, "rounding_mode": b"ROUND"}


@pytest.mark.parametrize("opset", [9, 10, 11, 12])
def test_an_old_opset_is_converted_and_quantizers_survive(opset):
    body = f"f = Flatten(x) {QUANT.format(d=Q)} g = Gemm(q, w, b) "
    body += "u = Unsqueeze<axes=[1]>(g) v = Squeeze<axes=[1]>(u) y = Relu(v)"
    taken = take_in(model(body, opset=opset, domains=(Q,), **FC, **NUMBERS))
    assert [entry.version for entry in taken.proto.opset_import if not entry.domain] == [13]
    assert "Quant" in kinds(taken.proto)
    assert f"opset {opset} converted to 13" in taken.changes


@pytest.mark.parametrize("size", [-1, 0])
def test_a_negative_or_zero_batch_is_free(size):
    proto = model(GEMM, **FC)
    for value in (proto.graph.input[0], proto.graph.output[0]):
        value.type.tensor_type.shape.dim[0].dim_value = size
    taken = take_in(proto).proto
    assert shape(taken.graph.input[0]) == ["N", 3, 8, 8]
    assert shape(taken.graph.output[0]) == ["N", 4]


def test_free_dimensions_are_fixed_by_the_flow_or_the_data_or_refused():
    proto = model(
        "p = GlobalAveragePool(x) f = Flatten(p) y = Gemm(f, w, b)", given="float[N,3,H,W] x", w=(3, 4), b=(4,)
    )
    with pytest.raises(ModelError, match=r"(?s)dimension 2 \(H\) is free.*shape = \[3, 32, 32\]"):
        take_in(proto)
    for wish in (Wish(shape=(3, 8, 8)), Wish(shape=(1, 3, 8, 8)), Wish(data=(3, 8, 8))):
        assert shape(take_in(proto, wish).proto.graph.input[0]) == ["N", 3, 8, 8]
    with pytest.raises(ModelError, match="fixed to"):
        take_in(proto, Wish(shape=(5, 8, 8)))
    proto.graph.input[0].type.tensor_type.ClearField("shape")
    with pytest.raises(ModelError, match="no shape, not even a number of dimensions"):
        take_in(proto)
    assert shape(take_in(proto, Wish(shape=(3, 8, 8))).proto.graph.input[0]) == ["N", 3, 8, 8]


def test_a_chain_of_shapes_is_one_reshape():
    body = (
        "n = Shape(x) i = Constant<value_int=0>() k = Gather(n, i) a = Constant<value_ints=[0]>() u = Unsqueeze(k, a) "
    )
    body += "m = Constant<value_ints=[-1]>() t = Concat<axis=0>(u, m) f = Reshape(x, t) y = Gemm(f, w, b)"
    taken = take_in(model(body, **FC)).proto
    assert kinds(taken) == ["Reshape", "Gemm"]
    assert held(taken)[taken.graph.node[0].input[1]].tolist() == [-1, 192]


def test_what_follows_the_batch_is_written_one_way():
    """A class token, expanded to the batch by any arithmetic."""
    body = "n = Shape(x) i = Constant<value_int=0>() k = Gather(n, i) two = Constant<value_int=2>() d = Mul(k, two) "
    body += "h = Div(d, two) a = Constant<value_ints=[0]>() u = Unsqueeze(h, a) r = Constant<value_ints=[1,64]>() "
    body += "t = Concat<axis=0>(u, r) e = Expand(token, t) f = Constant<value_ints=[0,-1,64]>() v = Reshape(x, f) "
    body += "c = Concat<axis=1>(e, v) g = Flatten(c) y = Gemm(g, w, b)"
    taken = take_in(model(body, token=(1, 1, 64), w=(256, 4), b=(4,))).proto
    assert [kind for kind in kinds(taken) if kind not in ("Constant", "Reshape", "Flatten", "Gemm")] == [
        "Shape",
        "Gather",
        "Concat",
        "Expand",
        "Concat",
    ]


def test_weights_are_folded_but_neither_quantizers_nor_norms():
    body = f"f = Flatten(x) t = Transpose(w) {QUANT.format(d=Q).replace('(f', '(t')} g = MatMul(f, q) "
    body += "y = BatchNormalization(g, scale, b, mean, var)"
    weights = {"w": (4, 192), "b": (4,), "scale": (4,), "mean": (4,), "var": (4,)}
    taken = take_in(model(body, domains=(Q,), **weights, **NUMBERS)).proto
    assert kinds(taken) == ["Flatten", "Quant", "MatMul", "BatchNormalization"]
    assert held(taken)["t"].shape == (192, 4)


def test_weights_in_constants_are_initializers_and_settings_stay_constants():
    proto = model(
        "two = Constant<value_float=2.0>() f = Flatten(x) r = Relu(f) d = Mul(r, two) y = Gemm(d, w, b)", b=(4,)
    )
    weight = numpy_helper.from_array(np.ones((192, 4), np.float32), "w")
    proto.graph.node.insert(0, helper.make_node("Constant", [], ["w"], name="w", value=weight))
    taken = take_in(proto).proto
    assert "w" in held(taken)
    assert kinds(taken) == ["Constant", "Flatten", "Relu", "Mul", "Gemm"]


def test_order_names_and_leftovers():
    proto = model("f = Flatten(x) dead = Relu(f) y = Gemm(f, w, b)", **FC, unused=(3,))
    nodes = [onnx.NodeProto.FromString(node.SerializeToString()) for node in proto.graph.node][::-1]
    del proto.graph.node[:]
    proto.graph.node.extend(nodes)
    for node in proto.graph.node:
        node.name = "same"
    proto.opset_import.add(domain="nobody", version=1)
    taken = take_in(proto)
    assert kinds(taken.proto) == ["Flatten", "Gemm"]
    assert [node.name for node in taken.proto.graph.node] == ["same", "same_2"]
    assert set(held(taken.proto)) == {"w", "b"}
    assert [entry.domain for entry in taken.proto.opset_import] == [""]
    for said in ("nodes sorted", "unused import of nobody dropped", "2 layers renamed", "1 unused layers dropped"):
        assert any(change.startswith(said) for change in taken.changes)


def test_a_circle_is_refused():
    proto = model("f = Add(x, r) r = Relu(f) g = Flatten(r) y = Gemm(g, w, b)", **FC)
    with pytest.raises(ModelError, match="needs its own output"):
        take_in(proto)


def test_identity_gives_each_layer_a_weight_of_its_own():
    body = "i = Identity(one) f = Flatten(x) g = Gemm(f, w, b) y = BatchNormalization(g, one, b, mean, i)"
    taken = take_in(model(body, **FC, one=np.ones(4, np.float32), mean=(4,))).proto
    norm = taken.graph.node[-1]
    assert norm.input[1] != norm.input[4]
    assert {norm.input[1], norm.input[4]} <= set(held(taken))


def test_statistics_are_nobody_elses():
    body = "f = Flatten(x) g = Gemm(f, w, b) y = BatchNormalization(g, one, b, mean, one)"
    taken = take_in(model(body, **FC, one=np.ones(4, np.float32), mean=(4,))).proto
    norm = taken.graph.node[-1]
    assert norm.input[1] != norm.input[4]


@pytest.mark.parametrize(("opset", "form"), [(15, "<training_mode=1>"), (13, "")])
def test_a_norm_in_training_mode_is_set_to_inference(opset, form):
    outputs = "y, m2, v2" if opset == 15 else "y, m2, v2, m3, v3"
    body = f"f = Flatten(x) g = Gemm(f, w, b) {outputs} = BatchNormalization{form}(g, s, b, mean, var)"
    taken = take_in(model(body, opset=opset, **FC, s=(4,), mean=(4,), var=(4,)))
    assert len(taken.proto.graph.node[-1].output) == 1
    assert "BatchNormalization 'y' set from training mode to inference" in taken.changes


def test_dropout_goes_unless_the_model_is_made_to_be_trained_here():
    proto = model("d, mask = Dropout(x) f = Flatten(d) y = Gemm(f, w, b)", **FC)
    assert kinds(take_in(proto).proto) == ["Flatten", "Gemm"]
    assert kinds(take_in(proto, Wish(keep_dropout=True)).proto)[0] == "Dropout"


@pytest.mark.parametrize("dtype", [np.float16, np.float64])
def test_other_floats_are_float32(dtype):
    kind = {np.float16: "float16", np.float64: "double"}[dtype]
    random = np.random.default_rng(0)
    weights = {"w": random.standard_normal((192, 4)).astype(dtype), "b": np.zeros(4, dtype)}
    taken = take_in(model(GEMM, given=f"{kind}[N,3,8,8] x", out=f"{kind}[N,4] y", **weights))
    assert {tensor.data_type for tensor in taken.proto.graph.initializer} == {TensorProto.FLOAT}
    assert taken.proto.graph.input[0].type.tensor_type.elem_type == TensorProto.FLOAT
    assert not any("not checked" in change for change in taken.changes)


def test_bfloat16_is_float32():
    proto = model(GEMM, **FC)
    for tensor in proto.graph.initializer:
        array = numpy_helper.to_array(tensor)
        tensor.CopyFrom(helper.make_tensor(tensor.name, TensorProto.BFLOAT16, array.shape, array.reshape(-1).tolist()))
    for value in (proto.graph.input[0], proto.graph.output[0]):
        value.type.tensor_type.elem_type = TensorProto.BFLOAT16
    taken = take_in(proto)
    assert {tensor.data_type for tensor in taken.proto.graph.initializer} == {TensorProto.FLOAT}


def test_local_functions_are_written_out_and_bombs_are_refused():
    function = '<domain: "my", opset_import: ["":13]> Twice (a) => (c) { d = Add(a, a) c = Relu(d) }'
    proto = model("t = my.Twice(x) f = Flatten(t) y = Gemm(f, w, b)", domains=("my",), functions=function, **FC)
    assert kinds(take_in(proto).proto) == ["Add", "Relu", "Flatten", "Gemm"]
    levels = "".join(
        f'<domain: "my", opset_import: ["":13, "my":1]> F{i} (a) => (c) {{ d = my.F{i - 1}(a) c = my.F{i - 1}(d) }} '
        for i in range(1, 40)
    )
    first = '<domain: "my", opset_import: ["":13]> F0 (a) => (c) { c = Relu(a) } '
    bomb = model("t = my.F39(x) f = Flatten(t) y = Gemm(f, w, b)", domains=("my",), functions=first + levels, **FC)
    with pytest.raises(ModelError, match="more than"):
        take_in(bomb)


@pytest.mark.parametrize("taken", [True, False])
def test_a_branch_that_is_always_taken_is_in_its_place(taken):
    then = "then_branch = g1 () => (float[N,3,8,8] p) { p = Relu(x) }"
    other = "else_branch = g2 () => (float[N,3,8,8] r) { r = Neg(x) }"
    body = f"k = Constant<value_int={int(taken)}>() c = Cast<to=9>(k) i = If(c)<{then}, {other}> "
    body += "f = Flatten(i) y = Gemm(f, w, b)"
    assert kinds(take_in(model(body, **FC)).proto) == ["Relu" if taken else "Neg", "Flatten", "Gemm"]


def test_outputs_are_chosen_by_name():
    proto = model("f = Flatten(x) h = Gemm(f, w, b) y = Relu(h) z = Neg(h)", out="float[N,4] y, float[N,4] z", **FC)
    assert [value.name for value in take_in(proto, Wish(outputs=("z",))).proto.graph.output] == ["z"]
    inner = take_in(proto, Wish(outputs=("h",))).proto
    assert kinds(inner) == ["Flatten", "Gemm"]
    assert shape(inner.graph.output[0]) == ["N", 4]
    with pytest.raises(ModelError, match=r"(?s)no output 'zz'.*did you mean: z"):
        take_in(proto, Wish(outputs=("zz",)))


def test_first_states_of_zero_are_left_out():
    body = "s = Shape(x) i = Constant<value_ints=[1]>() n = Gather(s, i) o = Constant<value_ints=[1]>() "
    body += "e = Constant<value_ints=[5]>() t = Concat<axis=0>(o, n, e) h = ConstantOfShape(t) "
    body += "a, c = GRU<hidden_size=5>(x, w, r, , , h) y = Squeeze(c, axis)"
    proto = model(
        body, given="float[7,N,6] x", out="float[N,5] y", w=(1, 15, 6), r=(1, 15, 5), axis=np.array([0], np.int64)
    )
    proto.graph.input[0].type.tensor_type.shape.dim[1].dim_value = 2
    taken = take_in(proto).proto
    assert kinds(taken) == ["GRU", "Squeeze"]


def test_a_long_chain_and_an_endless_loop_take_seconds():
    started = time.perf_counter()
    body = (
        "a0 = Relu(x) "
        + " ".join(f"a{i} = Identity(a{i - 1})" for i in range(1, 20_000))
        + " f = Flatten(a19999) y = Gemm(f, w, b)"
    )
    assert kinds(take_in(model(body, **FC)).proto) == ["Relu", "Flatten", "Gemm"]
    loop = "trip = Constant<value_int=1000>() yes = Constant<value_int=1>() go = Cast<to=9>(yes) "
    loop += "f = Flatten(x) "
    loop += "l = Loop(trip, go, f)<body = b (int64 i, bool c, float[N,192] v) => (bool c2, float[N,192] v2) "
    loop += "{ c2 = Identity(c) v2 = Relu(v) }> dead = Dropout(l) y = Gemm(dead, w, b)"
    assert "not checked against the original: it holds a Loop" in take_in(model(loop, **FC)).changes
    with pytest.raises(ModelError, match=r"(?s)layer 'l'.*goes round 1,152,921,504,606,846,976 times"):
        take_in(model(loop.replace("value_int=1000>", f"value_int={2**60}>"), **FC))
    assert time.perf_counter() - started < 60


def test_constants_that_would_fill_the_memory_are_left_alone():
    huge = np.array([2**20, 2**20], np.int64)
    body = "z = ConstantOfShape(huge) s = ReduceSum<keepdims=0>(z) f = Flatten(x) g = Gemm(f, w, b) "
    body += "a = Identity(g) y = Add(a, s)"
    taken = take_in(model(body, huge=huge, **FC))
    assert "ConstantOfShape" in kinds(taken.proto)


def test_reshapes_in_a_row_are_one():
    body = (
        "a = Constant<value_ints=[-1,64]>() b0 = Constant<value_ints=[-1,192]>() r = Reshape(x, a) f = Reshape(r, b0) "
    )
    taken = take_in(model(body + "y = Gemm(f, w, b)", **FC)).proto
    assert [kind for kind in kinds(taken) if kind != "Constant"] == ["Reshape", "Gemm"]


def test_the_other_name_of_onnx_in_an_import():
    proto = model(GEMM, **FC)
    proto.opset_import[0].domain = "ai.onnx"
    taken = take_in(proto).proto
    assert [entry.domain for entry in taken.opset_import] == [""]


@pytest.mark.parametrize(
    ("kind", "hint"),
    [("HardSwish", "opset 14 or newer"), ("Wish", "no such operator"), ("Scatter", "no longer has")],
)
def test_an_operator_that_the_opset_has_not_is_refused_by_layer(kind, hint):
    proto = model(f"f = Flatten(x) g = {kind}(f) y = Gemm(g, w, b)", **FC)
    with pytest.raises(ModelError, match=f"node 'g' .{kind}.: is not a valid model") as caught:
        take_in(proto)
    assert hint in caught.value.hint


@pytest.mark.parametrize(("kind", "opset"), [("Upsample", 9), ("Resize", 10)])
@pytest.mark.parametrize("mode", ["nearest", "linear"])
@pytest.mark.parametrize("scales", [[1, 1, 1.75, 2.5], [1, 1, 0.6, 0.3], [1, 1, 2, 2]])
def test_old_ways_to_resize_mean_what_they_did(kind, opset, mode, scales):
    if kind == "Upsample" and min(scales) < 1:
        return
    body = f'y = {kind}<mode="{mode}">(x, scales)'
    proto = model(body, opset=opset, out="float[N,C,H,W] y", scales=np.float32(scales))
    taken = take_in(proto).proto
    x = np.random.default_rng(0).standard_normal((2, 3, 8, 8)).astype(np.float32)
    before, after = (open_session(one, threads=1, exact=True).run(None, {"x": x})[0] for one in (proto, taken))
    np.testing.assert_allclose(after, before, atol=1e-6)


def test_a_file_of_the_first_format_whose_weights_are_inputs():
    proto = model(GEMM, opset=9, ir=3, **FC)
    for tensor in proto.graph.initializer:
        proto.graph.input.append(helper.make_tensor_value_info(tensor.name, TensorProto.FLOAT, tensor.dims))
    proto.graph.name = ""
    entered = take_in(proto)
    assert [value.name for value in entered.proto.graph.input] == ["x"]
    assert "IR version 3 raised to 8" in entered.changes
    onnx.checker.check_model(entered.proto)


def test_the_other_name_of_onnx_at_a_layer():
    proto = model(GEMM, **FC)
    for node in proto.graph.node:
        node.domain = "ai.onnx"
    entered = take_in(proto)
    assert {node.domain for node in entered.proto.graph.node} == {""}
    assert "operators of ai.onnx written as ONNX's own" in entered.changes


def test_an_input_that_nobody_reads_is_dropped():
    entered = take_in(model(GEMM, given="float[N,3,8,8] x, float[N,2] idle", **FC))
    assert [value.name for value in entered.proto.graph.input] == ["x"]
    assert entered.changes == ("input 'idle' dropped: nothing reads it",)


def test_a_kernel_that_is_left_to_the_weights_is_written():
    entered = take_in(model("f = Conv(x, k) y = Flatten(f)", out="float[N,108] y", k=(3, 3, 3, 3)))
    assert helper.get_attribute_value(entered.proto.graph.node[0].attribute[0]) == [3, 3]


@pytest.mark.parametrize(
    ("numbers", "said"),
    [
        ({"s": np.float32(0)}, "its scale is 0"),
        ({"s": np.float32("nan")}, "its scale is nan"),
        ({"s": np.full((1, 192), np.inf, np.float32)}, "its scale is inf"),
        ({"z": np.float32("inf")}, "its zero point is no number"),
        ({"n": np.float32(0)}, "its bit width is 0, and has to be 1 or more"),
        ({"n": np.float32(2.5)}, "its bit width is 2.5, which is no whole number"),
    ],
)
def test_settings_that_no_quantizer_has_are_refused_by_layer(numbers, said):
    proto = model(f"f = Flatten(x) {QUANT.format(d=Q)} y = Gemm(q, w, b)", domains=(Q,), **FC, **(NUMBERS | numbers))
    with pytest.raises(ModelError, match=said) as raised:
        take_in(proto)
    assert raised.value.where == "layer 'q' (Quant)"


def test_a_quantizer_without_its_bit_width_is_refused_by_layer():
    body = QUANT.format(d=Q).replace("s, z, n", "s, z")
    proto = model(f"f = Flatten(x) {body} y = Gemm(q, w, b)", domains=(Q,), **FC, **NUMBERS)
    with pytest.raises(ModelError, match="has 3 inputs, and needs 4"):
        take_in(proto)


@pytest.mark.parametrize(("given", "usual"), [("ROUND_TO_ZERO", b"DOWN"), ("floor", b"FLOOR"), ("ROUND", b"ROUND")])
def test_rounding_modes_have_one_name(given, usual):
    body = QUANT.format(d=Q).replace("ROUND", given)
    proto = model(f"f = Flatten(x) {body} y = Gemm(q, w, b)", domains=(Q,), **FC, **NUMBERS)
    (quant,) = (node for node in take_in(proto).proto.graph.node if node.op_type == "Quant")
    assert {a.name: helper.get_attribute_value(a) for a in quant.attribute}["rounding_mode"] == usual


def test_an_opset_before_broadcasting_is_converted_with_a_free_batch():
    from onnx.reference import ReferenceEvaluator

    proto = model("f = Flatten(x) g = Gemm<broadcast=1>(f, w, b) y = Mul<broadcast=1>(g, b)", opset=6, **FC)
    taken = take_in(proto).proto
    assert shape(taken.graph.input[0]) == ["N", 3, 8, 8]
    x = np.random.default_rng(0).standard_normal((3, 3, 8, 8)).astype(np.float32)
    weights = held(proto)
    wanted = (x.reshape(3, -1) @ weights["w"] + weights["b"]) * weights["b"]
    np.testing.assert_allclose(ReferenceEvaluator(taken).run(None, {"x": x})[0], wanted, rtol=1e-4, atol=1e-5)


def test_a_shape_that_the_layers_contradict_is_what_they_give():
    entered = take_in(model(GEMM, out="float[N,7] y", **FC))
    assert entered.changes == ("shape of output 'y' is what its layers give",)
    assert shape(entered.proto.graph.output[0])[1] == 4


def test_a_value_that_nobody_makes_is_named():
    with pytest.raises(ModelError, match="reads 'nowhere', which no layer makes") as raised:
        take_in(model("f = Flatten(nowhere) y = Gemm(f, w, b)", **FC))
    assert raised.value.where == "node 'f' (Flatten)"


def test_numbers_that_only_double_precision_holds_are_spoken_of():
    far = {"far": np.float64(1e9), "w": np.ones((192, 4)), "b": np.ones(4)}
    proto = model("f = Flatten(x) a = Add(f, far) s = Sub(a, far) y = Gemm(s, w, b)", given="double[N,3,8,8] x", **far)
    proto.graph.output[0].type.tensor_type.elem_type = TensorProto.DOUBLE
    with pytest.raises(ModelError, match="differs from the original") as raised:
        take_in(proto)
    assert "double precision" in raised.value.hint


def test_parts_that_do_not_come_out_even_have_sizes():
    proto = model(
        "a, c, d = Split<axis=3, num_outputs=3>(x) y = Concat<axis=3>(d, a, c)", out="float[N,3,8,8] y", opset=18
    )
    entered = take_in(proto)
    assert entered.changes == ("sizes of the parts of 'a' written out",)
    assert held(entered.proto)["a.sizes"].tolist() == [3, 3, 2]


def test_a_cast_to_the_type_that_is_there_goes_where_the_file_does_not_say_types():
    far = "float[N,3,8,8] x"
    proto = model(
        "f = Flatten(x) d = Cast<to=11>(f) m = MatMul(d, w) y = Cast<to=1>(m)", given=far, w=np.ones((192, 4))
    )
    assert kinds(take_in(proto).proto) == ["Flatten", "MatMul"]
