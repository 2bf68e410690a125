# SPDX-License-Identifier: Apache-2.0
"""nextpnr's report and routed netlist, read by layer."""

import xml.etree.ElementTree as ET

import pytest

from drawplate.errors import StepFailed
from drawplate_dataflow.place import OUTSIDE, cells, clock_mhz, owner, picture, slowest_by_unit, slowest_path


def step(kind, delay, start, end):
    return {"type": kind, "delay": delay, "from": {"cell": start, "loc": [1, 2]}, "to": {"cell": end, "loc": [3, 4]}}


CLOCK = "posedge $glbnet$clk"
REPORT = {
    "fmax": {"$glbnet$clk": {"achieved": 123.5, "constraint": 100.0}},
    "critical_paths": [
        {
            "from": CLOCK,
            "to": CLOCK,
            "path": [
                step("clk-to-q", 0.5, "core.u_layer2.held", "core.u_layer2.held"),
                step("routing", 3.25, "core.u_layer2.held", "core.u_fork0.lut"),
                step("logic", 0.25, "core.u_fork0.lut", "core.u_fork0.lut"),
                step("routing", 2.0, "core.u_fork0.lut", "core.u_layer1.credits"),
                step("setup", 0.0, "core.u_layer1.credits", "core.u_layer1.credits"),
            ],
        },
        {"from": "<async>", "to": CLOCK, "path": [step("routing", 9.0, "rx", "receiver.seen")]},
    ],
    "detailed_net_timings": [
        {"event": CLOCK, "endpoints": [{"cell": "core.u_layer1.x", "event": CLOCK, "delay": [1.0, 4.5]}]},
        {"event": CLOCK, "endpoints": [{"cell": "core.u_layer1.y", "event": CLOCK, "delay": [0.5, 6.0]}]},
        {"event": CLOCK, "endpoints": [{"cell": "receiver.z", "event": CLOCK, "delay": 2.5}]},
        {"event": "<async>", "endpoints": [{"cell": "core.u_layer1.w", "event": CLOCK, "delay": [9.0, 9.0]}]},
    ],
}


def test_a_cell_belongs_to_the_layer_that_its_name_begins_with():
    assert owner("core.u_layer12.pe0.n3_LUT4_Z") == "layer12"
    assert owner("u_fork0.taken") == "fork0"
    assert owner("core/u_layer3/mem") == "layer3"
    assert owner("receiver.data_TRELLIS_FF_Q") == OUTSIDE
    assert owner("menu_layer3.x") == OUTSIDE


def test_the_clock_and_the_slowest_path_are_read():
    assert clock_mhz(REPORT) == 123.5
    path = slowest_path(REPORT)
    assert (path.start_unit, path.end_unit) == ("layer2", "layer1")
    assert (path.ns, path.wire_ns, path.levels) == (6.0, 5.25, 1)


def test_arrivals_are_told_by_layer_and_leave_out_what_has_no_clock():
    assert slowest_by_unit(REPORT) == {"layer1": 6.0, OUTSIDE: 2.5}


def test_a_report_without_a_clock_is_refused():
    with pytest.raises(StepFailed, match="no clock was timed"):
        clock_mhz({"fmax": {}})


def test_cells_have_a_kind_a_layer_and_a_place_and_added_ones_that_of_their_nets():
    routed = {
        "modules": {
            "top": {
                "netnames": {"core.u_layer4.sum": {"bits": [7, 8]}, "other": {"bits": [9]}},
                "cells": {
                    "core.u_layer0.a": cell("TRELLIS_FF", "X3/Y5/SLICEA.FF0", [1]),
                    "$nextpnr_CCU2C_1": cell("TRELLIS_COMB", "X6/Y2/SLICEB.K1", [9, 7]),
                    "$nextpnr_CCU2C_2$COMB0": cell("TRELLIS_COMB", "X7/Y2/SLICEB.K0", [9, 20]),
                    "$nextpnr_CCU2C_2$COMB1": cell("TRELLIS_COMB", "X7/Y2/SLICEB.K1", [20, 21]),
                    "core.u_layer5.sum": cell("TRELLIS_COMB", "X8/Y2/SLICEB.K0", [21]),
                    "$auto$ff$1": cell("TRELLIS_FF", "X2/Y9/SLICEA.FF0", [1, 30]),
                    "$PACKER_GND": cell("TRELLIS_COMB", "X1/Y1/SLICEA.K0", [9]),
                    "without": cell("VCC", "", [2]),
                },
            }
        }
    }
    found = {(item.kind, item.unit, item.x, item.y) for item in cells(routed)}
    assert found == {
        ("TRELLIS_FF", "layer0", 3, 5),
        ("TRELLIS_COMB", "layer4", 6, 2),
        ("TRELLIS_FF", OUTSIDE, 2, 9),
        ("TRELLIS_COMB", "layer5", 7, 2),
        ("TRELLIS_COMB", "layer5", 8, 2),
        ("TRELLIS_COMB", OUTSIDE, 1, 1),
    }


def cell(kind, bel, bits):
    return {"type": kind, "attributes": {"NEXTPNR_BEL": bel} if bel else {}, "connections": {"A": bits}}


def test_a_picture_has_a_mark_per_tile_and_a_line_per_layer():
    drawn = picture({"first <1>": [(0, 0), (2, 1), (2, 1)], "wrapper": [(5, 5)], "empty": []})
    root = ET.fromstring(drawn)
    texts = [node.text for node in root.iter("{http://www.w3.org/2000/svg}text")]
    assert texts == ["first <1>: 2 tiles", "wrapper: 1 tiles"]
    marks = [node.get("d").count("M") for node in root.iter("{http://www.w3.org/2000/svg}path")]
    assert marks == [2, 1]
