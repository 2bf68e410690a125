# SPDX-License-Identifier: Apache-2.0
"""Vivado out of context: what drawplate does around it, with a stand-in that writes reports of UG906's form."""

import os
import stat

import pytest

from drawplate.errors import StepFailed, ToolMissing
from drawplate.store import Store
from drawplate_dataflow.hardware import generate
from drawplate_dataflow.resources import Resources
from drawplate_dataflow.specimens.fuzz import random_chain
from drawplate_target_z7020.place.vivado import alone_script, place_alone
from drawplate_target_z7020.xc7 import XC7

PART = "xc7z020clg400-1"
REPORT = """\
1. Slice Logic
| Site Type                  |  Used | Fixed | Available | Util% |
| Slice LUTs                 | 1234  |     0 |     53200 |  2.32 |
|   LUT as Logic             | 1200  |     0 |     53200 |  2.26 |
| Slice Registers            | 2345  |     0 |    106400 |  2.20 |
3. Memory
| Block RAM Tile    |  6.5 |     0 |       140 |  4.64 |
4. DSP
| DSPs      |    3 |     0 |       220 |  1.36 |
"""


@pytest.fixture
def design():
    return generate(random_chain(2, 2), XC7)


@pytest.fixture
def vivado(tmp_path, monkeypatch):
    """Put a program ``vivado`` on PATH that checks its files and writes reports."""

    def install(report=REPORT, status=0):
        folder = tmp_path / "bin"
        folder.mkdir()
        (folder / "report").write_text(report)
        program = folder / "vivado"
        program.write_text(
            "#!/bin/sh\n"
            'for name in $(sed -n "s/^read_verilog .list \\(.*\\)]/\\1/p" out_of_context.tcl); do\n'
            '  test -f "$name" || { echo "ERROR: no $name"; exit 1; }\ndone\n'
            f"cp {folder}/report utilization.rpt; echo 0.417 > slack.txt; touch timing.rpt; exit {status}\n"
        )
        program.chmod(program.stat().st_mode | stat.S_IXUSR)
        monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")

    return install


def test_counts_and_slack_are_read_once(design, vivado, tmp_path):
    vivado()
    store, script = Store(tmp_path / "store"), alone_script(design, PART, 100)
    found = place_alone(design, script, 100, store.derived)
    assert found.resources == Resources(lut=1234, ff=2345, ram=13, multiplier=3)
    assert found.fmax_mhz == pytest.approx(1000 / (10 - 0.417))
    (tmp_path / "bin" / "vivado").write_text("#!/bin/sh\nexit 1\n")
    assert place_alone(design, script, 100, store.derived) == found


def test_a_failure_says_vivados_first_error(design, vivado, tmp_path):
    vivado(status=1)
    with pytest.raises(StepFailed, match="Vivado failed"):
        place_alone(design, alone_script(design, PART, 100), 100, Store(tmp_path / "store").derived)


def test_a_report_of_another_form_is_refused(design, vivado, tmp_path):
    vivado(report=REPORT.replace("Slice LUTs", "CLB LUTs  "))
    with pytest.raises(StepFailed, match="no row 'Slice LUTs'"):
        place_alone(design, alone_script(design, PART, 100), 100, Store(tmp_path / "store").derived)


def test_without_vivado_the_command_is_named(design, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ToolMissing) as raised:
        place_alone(design, alone_script(design, PART, 100), 100, Store(tmp_path / "store").derived)
    assert "vivado -mode batch" in str(raised.value.hint)


def test_the_script_asks_for_the_clock_and_the_part(design):
    text = alone_script(design, PART, 125).decode()
    assert "set period 8.000" in text
    assert f"-part {PART} -mode out_of_context" in text
    for opening, closing in ("{}", "[]"):
        assert text.replace("\\[", "[").replace("\\]", "]").count(opening) == text.count(closing)
