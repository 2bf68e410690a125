# SPDX-License-Identifier: Apache-2.0
import pytest

from drawplate.errors import DrawplateError
from drawplate.flow import read_flow
from drawplate.flow.plan import make_plan
from drawplate.testing import make_runner


@pytest.mark.parametrize("step", ["myriadx"])
def test_a_plan_says_that_the_step_is_not_built(tmp_path, step):
    path = tmp_path / "f.toml"
    path.write_text(f'[model]\nzoo = "mlp"\nshape = [1, 8, 8]\nclasses = 10\n[[step]]\nuse = "{step}"\n')
    with pytest.raises(DrawplateError, match=f"step 1 \\({step}\\), step '{step}': is not built yet"):
        make_plan(read_flow(path), make_runner(tmp_path))
