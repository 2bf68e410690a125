# SPDX-License-Identifier: Apache-2.0
"""A routed netlist as Verilog: what nextpnr placed and wired, to be simulated with models of the cells."""

from __future__ import annotations

import re

from drawplate_dataflow.yosys import yosys_file

YOSYS = ("LUT4", "LUT2", "L6MUX21", "PFUMX", "TRELLIS_COMB", "TRELLIS_FF")
"""Cells whose models are yosys' own."""
OURS = """\
module TRELLIS_RAMW(input A0, B0, C0, D0, A1, B1, C1, D1,
    output WDO0, WDO1, WDO2, WDO3, WADO0, WADO1, WADO2, WADO3);
  assign {WDO0, WDO1, WDO2, WDO3} = {C1, A1, D1, B1}, {WADO0, WADO1, WADO2, WADO3} = {D0, B0, C0, A0};
endmodule
module DCCA(input CLKI, CE, output CLKO);
  assign CLKO = CLKI;
endmodule
"""
"""Wires of a slice that writes (Project Trellis), and the buffer of a clock."""
REFUSAL = '$error("unsupported COMB mode %s", MODE);'
"""No Verilog-2005."""
WORDS = {"MODE", "CCU2_INJECT1", "WREMUX", "WCKMUX", "GSR", "CEMUX", "CLKMUX", "LSRMUX", "SRMODE", "REGSET", "LSRMODE"}
KNOWN = {
    "TRELLIS_COMB": {"MODE", "INITVAL", "CCU2_INJECT1", "WREMUX", "IS_Z1"},
    "TRELLIS_FF": {"GSR", "CEMUX", "CLKMUX", "LSRMUX", "SRMODE", "REGSET", "LSRMODE"},
    "TRELLIS_RAMW": set(),
    "DCCA": set(),
}
PORTS = {
    "TRELLIS_COMB": {
        *"ABCDMF",
        "FCI",
        "F1",
        "FXA",
        "FXB",
        "WD",
        "WAD0",
        "WAD1",
        "WAD2",
        "WAD3",
        "WRE",
        "WCK",
        "FCO",
        "OFX",
    },
    "TRELLIS_FF": {"CLK", "LSR", "CE", "DI", "M", "Q"},
}


def models() -> str:
    """Return the models; yosys' own of a carry chain drives a wire inside instead of the port."""
    text = yosys_file("lattice", "common_sim.vh").read_text()
    parts = [re.search(rf"module {name} *\(.*?endmodule", text, re.DOTALL)[0] for name in YOSYS]
    plain = (re.sub(r"specify.*?endspecify", "", part, flags=re.DOTALL) for part in parts)
    return "\n".join(plain).replace("wire FCO =", "assign FCO =").replace(REFUSAL, "") + "\n" + OURS


def verilog(routed: dict, top: str, head: str) -> str:
    """Write the one module of nextpnr's netlist under a name; ``head`` are its ports, as they were before routing."""
    (module,) = routed["modules"].values()
    ends = {}
    for name, cell in module["cells"].items():
        if cell["type"] == "TRELLIS_IO":
            inward = cell["parameters"]["DIR"].strip() == "INPUT"
            ends[name] = (cell["connections"]["B"][0], cell["connections"]["O" if inward else "I"][0], inward)
    pads = {pad: (net, inward) for pad, net, inward in ends.values()}
    lines = [f"module {top} (\n{head}\n);"]
    every = {bit for cell in module["cells"].values() for bits in cell["connections"].values() for bit in bits}
    lines += [f"  wire n{bit};" for bit in sorted(bit for bit in every if isinstance(bit, int))]
    for name, port in module["ports"].items():
        for at, bit in enumerate(port["bits"]):
            (net, inward), pin = pads[bit], f"{name}[{at}]" if len(port["bits"]) > 1 else name
            lines.append(f"  assign n{net} = {pin};" if inward else f"  assign {pin} = n{net};")
    for number, (_, cell) in enumerate(sorted(module["cells"].items())):
        if cell["type"] != "TRELLIS_IO" and cell["parameters"].get("MODE", "") != "RAMW_BLOCK":
            lines.append(_instance(number, cell))
    return "\n".join([*lines, "endmodule", ""])


def _instance(number: int, cell: dict) -> str:
    kind, given = cell["type"], dict(cell["parameters"])
    assert kind in KNOWN, f"no model of {kind}"
    wires = {port: bits[0] for port, bits in cell["connections"].items() if bits}
    if kind == "TRELLIS_COMB":
        wires = dict.fromkeys("ABCD", "1") | wires  # an input of a lookup table that is not wired is high
        given["IS_Z1"] = "1" if cell["attributes"]["NEXTPNR_BEL"].endswith("1") else "0"
    if kind == "TRELLIS_FF" and given.get("SD", "1").strip() in {"0", "00000000000000000000000000000000"}:
        wires["DI"] = wires.pop("M")
    words = [f".{name}({_value(name, value)})" for name, value in sorted(given.items()) if name in KNOWN[kind]]
    ports = PORTS.get(kind, wires)
    nets = ", ".join(f".{port}({_net(bit)})" for port, bit in sorted(wires.items()) if port in ports)
    return f"  {kind} #({', '.join(words)}) c{number} ({nets});"


def _value(name: str, value: str) -> str:
    return f'"{value.strip()}"' if name in WORDS else f"{len(value)}'b{value}"


def _net(bit: int | str) -> str:
    return f"n{bit}" if isinstance(bit, int) else f"1'b{bit if bit in '01' else '0'}"
