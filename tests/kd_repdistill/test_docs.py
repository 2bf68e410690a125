# SPDX-License-Identifier: Apache-2.0
"""What the docs say of methods and options is what the code does."""

from __future__ import annotations

from pathlib import Path

import pytest

from drawplate.options import option_fields
from drawplate.training import TrainOptions
from drawplate_kd_repdistill.methods import NAMES, own_methods
from drawplate_kd_repdistill.options import DistillOptions

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "steps" / "distillation.md").read_text(encoding="utf-8")
METHODS = PAGE.split("## The methods")[1].split("\n## ")[0]
README = (ROOT / "plugins" / "kd_repdistill" / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", NAMES)
def test_the_table_has_every_method_with_its_settings(name):
    method = own_methods()[name]
    (line,) = [line for line in METHODS.splitlines() if line.startswith(f"| `{name}` |")]
    looks_at, weight, alpha, gamma, options = (cell.strip() for cell in line.split("|")[2:7])
    assert set(looks_at.split(", ")) == {need.value for need in method.needs}
    assert (float(weight), float(alpha)) == (method.weight, method.alpha)
    assert gamma == ("1 - alpha" if method.gamma is None else f"{method.gamma:g}")
    assert all(f"`{option}`" in options for option in option_fields(method.options))


def test_the_readme_has_every_option_of_its_own():
    own = set(option_fields(DistillOptions)) - set(option_fields(TrainOptions))
    assert all(f"`{name}`" in README for name in own)
