# SPDX-License-Identifier: Apache-2.0
"""Steps that take another form than the step before gives."""

import pytest

from drawplate.errors import FlowError
from drawplate.flow import read_flow
from drawplate.flow.plan import make_plan
from drawplate.testing import make_runner

FLOW = """
[model]
zoo = "mlp"
hidden = [4]
[data]
name = "digits"
limit = 60
[[step]]
use = "quantize"
[[step]]
use = "lower"
finn = false
[[step]]
use = "ort"
"""


def test_an_earlier_result_that_fits_is_named(tmp_path):
    path = tmp_path / "chain.toml"
    path.write_text(FLOW)
    flow = read_flow(path)
    with pytest.raises(FlowError, match=r'gets a dataflow one(.|\n)*on = "quantize"'):
        make_plan(flow, make_runner(tmp_path, data=flow.data))
