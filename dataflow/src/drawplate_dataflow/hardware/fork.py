# SPDX-License-Identifier: Apache-2.0
"""Where a stream has several readers: a fork, and the FIFOs that keep it from blocking."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import frozen

from drawplate_dataflow.hardware.design import LayerDesign, Port
from drawplate_dataflow.hardware.files import LayerFiles
from drawplate_dataflow.hardware.schedule import branch_fifos
from drawplate_dataflow.hardware.text import CLOCK, FOOTER, HEADER, declare_stream, instance, stream
from drawplate_dataflow.network import Network

LIBRARY = ("dp_fork.v", "dp_fifo.v")


@frozen(kw_only=True)
class Branch:
    """One way out of a fork: to an input of a layer."""

    reader: str
    side: int
    depth: int
    """Words of the FIFO on it; 0 for none."""


def branches(network: Network, name: str, beats: int) -> tuple[Branch, ...]:
    """Return where a stream of so many words per frame goes."""
    ends = [
        (layer, side) for layer in network.readers(name) for side, wanted in enumerate(layer.inputs) if wanted == name
    ]
    depths = branch_fifos(network, name, beats)
    return tuple(
        Branch(reader=layer.name, side=side, depth=depth) for (layer, side), depth in zip(ends, depths, strict=True)
    )


def forks(network: Network, ports: Mapping[str, Port]) -> dict[str, tuple[Branch, ...]]:
    """Return the branches of every stream that has more than one reader."""
    found = {name: branches(network, name, ports[name].beats) for name in ports if network.readers(name)}
    return {name: ends for name, ends in found.items() if len(ends) > 1}


def fork(name: str, port: Port, ends: tuple[Branch, ...], module: str) -> LayerFiles:
    """Generate a fork with the input stream ``s`` and the output streams ``m0``, ``m1`` ...

    Args:
        name: of the layer whose stream it is, or ``input``.
        port: shape of the stream.
        ends: the branches.
        module: name of its module.
    """
    sides = [f"m{at}" for at in range(len(ends))]
    ports = ["input wire clk, rst", f"input wire [{port.width - 1}:0] s_data, input wire s_valid, output wire s_ready"]
    ports += [
        f"output wire [{port.width - 1}:0] {side}_data, output wire {side}_valid, input wire {side}_ready"
        for side in sides
    ]
    heads = [f"to{at}" if end.depth else side for at, (side, end) in enumerate(zip(sides, ends, strict=True))]
    body = "".join(declare_stream(head, port.width) for head in heads if head.startswith("to"))
    joined = {
        f"m_{part}": f"{{{', '.join(f'{head}_{part}' for head in reversed(heads))}}}"
        for part in ("data", "valid", "ready")
    }
    body += instance("dp_fork", "split", {"BITS": port.width, "N": len(ends)}, CLOCK | stream("s") | joined)
    for at, (head, side, end) in enumerate(zip(heads, sides, ends, strict=True)):
        if end.depth:
            kept = CLOCK | stream(head) | stream(side, "m")
            body += instance("dp_fifo", f"fifo{at}", {"BITS": port.width, "DEPTH": end.depth}, kept)
    listed = ",\n    ".join(ports)
    text = f"{HEADER}module {module} (\n    {listed}\n);\n{body}endmodule\n{FOOTER}"
    record = LayerDesign(
        name=f"{name}_fork",
        kind="Fork",
        module=module,
        sources=(),
        contents=(),
        s_ports=(port,),
        m_port=port,
        cycles=port.beats,
        input_bits=port.bits,
        output_bits=port.bits,
    )
    return LayerFiles(files={f"{module}.v": text.encode()}, library=LIBRARY, design=record)
