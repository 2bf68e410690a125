# SPDX-License-Identifier: Apache-2.0
import os
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


def test_onnx_runtime_reports_to_nobody_and_leaves_no_file(tmp_path):
    program = "import drawplate, onnxruntime"
    environment = {name: value for name, value in os.environ.items() if name != "ORT_DISABLE_TELEMETRY"}
    subprocess.run([sys.executable, "-c", program], env=environment | {"TMPDIR": str(tmp_path)}, check=True)
    assert not list(tmp_path.iterdir())
