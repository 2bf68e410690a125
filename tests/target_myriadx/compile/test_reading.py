# SPDX-License-Identifier: Apache-2.0
"""What the compiler's reader takes for something else is found by running it."""

import numpy as np
import pytest
from tests.target_myriadx.compile.graphs import GRAPHS, Graph

from drawplate.errors import ModelError
from drawplate_target_myriadx.compiler import compile_model
from drawplate_target_myriadx.options import ExportOptions
from drawplate_target_myriadx.prepare import prepare
from drawplate_target_myriadx.reading import check_reading, differ

pytestmark = pytest.mark.myriad


def named(name):
    return next(graph for graph in GRAPHS if graph.name == name).model()


def fixed(proto):
    proto.graph.input[0].type.tensor_type.shape.dim[0].dim_value = 1
    return proto


@pytest.mark.parametrize("name", ["avgpool-misread", "maxpool-dilated", "deconv-same", "softmax-several"])
def test_a_misread_model_is_refused(name, tool, tmp_path):
    with pytest.raises(ModelError, match="reads another network"):
        check_reading(fixed(named(name)), tool, tmp_path)


@pytest.mark.parametrize("name", ["conv3x3", "round", "avgpool-ceil", "matmul-add"])
def test_a_model_that_is_read_as_it_is_passes(name, tool, tmp_path):
    check_reading(prepare(named(name)).proto, tool, tmp_path)


@pytest.mark.parametrize("steps", [False, True])
def test_what_is_no_number_hides_no_difference(steps):
    meant = np.array([np.nan, np.inf, 1.0, 2.0, 3.0], np.float32)
    assert not differ(meant.copy(), meant, steps=steps)
    assert differ(np.array([np.nan, np.inf, 2.0, 3.0, 4.0], np.float32), meant, steps=steps)
    assert differ(np.zeros(5, np.float32), meant, steps=steps)


@pytest.mark.parametrize(
    "body",
    ["p = Constant<value_ints=[0,0,-1,-1,0,0,-1,-1]>() y = Pad(x, p)", "g = GlobalAveragePool(x) y = Conv(x, g)"],
)
def test_what_is_too_much_for_the_compiler_is_a_refusal(body, tool, tmp_path):
    """Neither negative padding nor computed weights: the compiler refuses them, and query_network fails over them."""
    with pytest.raises(ModelError, match="the Myriad X compiler refuses it"):
        compile_model(prepare(Graph("g", 13, body).model()).proto, ExportOptions(), tool, tmp_path)
