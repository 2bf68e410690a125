# SPDX-License-Identifier: Apache-2.0
import subprocess
import sys

import drawplate


def test_every_public_name_can_be_had():
    for name in drawplate.__all__:
        assert getattr(drawplate, name) is not None
    assert sorted([*(name for names in drawplate._PLACES.values() for name in names), "__version__"]) == sorted(
        drawplate.__all__
    )


def test_an_unknown_name_is_an_attribute_error():
    assert not hasattr(drawplate, "Artefact")


def test_importing_the_package_loads_nothing():
    program = "import sys, drawplate; print(*(name for name in ('attrs', 'pluggy', 'onnx') if name in sys.modules))"
    assert subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout == "\n"
