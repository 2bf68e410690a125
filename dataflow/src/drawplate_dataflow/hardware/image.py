# SPDX-License-Identifier: Apache-2.0
"""Layers that move pixels: sliding window, padding, pooling."""

from __future__ import annotations

from math import gcd

from drawplate.errors import ModelError
from drawplate_dataflow.hardware.design import LayerDesign, Port
from drawplate_dataflow.hardware.parts import LayerFiles
from drawplate_dataflow.hardware.schedule import pad_fifo, ring_rows
from drawplate_dataflow.hardware.text import CLOCK, declare_stream, instance, stream, stream_module
from drawplate_dataflow.hardware.width import converter
from drawplate_dataflow.network import Layer, Pad, Pool, PoolKind, Stream, Window


def window(layer: Window, source: Stream, module: str, s_port: Port) -> LayerFiles:
    """Generate a sliding window; ``simd`` elements move at once."""
    check_lanes(layer, "SIMD", layer.simd, source.channels)
    m_port = Port(elements=layer.simd, bits=source.type.bits, beats=layer.output.elements // layer.simd)
    body = converter("s", "x", source.type.bits, s_port, layer.simd)
    body += _sliding(layer, source, layer.simd, "m", per_word=False)
    return finish(layer, module, (s_port,), m_port, body, ("dp_width.v", "dp_window.v"))


def _sliding(layer: Window | Pool, source: Stream, lanes: int, target: str, *, per_word: bool) -> str:
    height, width, channels = source.shape
    kernel, stride = layer.kernel, layer.stride
    return instance(
        "dp_window",
        "window",
        {"BITS": lanes * source.type.bits, "H": height, "W": width, "WORDS": channels // lanes}
        | {"KH": kernel[0], "KW": kernel[1], "SH": stride[0], "SW": stride[1]}
        | {"ROWS": ring_rows(layer, source), "PER_WORD": int(per_word)},
        CLOCK | stream("x") | stream(target, "m"),
    )


def pool(layer: Pool, source: Stream, module: str, s_port: Port) -> LayerFiles:
    """Generate a pooling layer: a window of every group of ``pe`` channels, reduced word by word."""
    check_lanes(layer, "PE", layer.pe, source.channels)
    bits, out = source.type.bits, layer.output.type.bits
    m_port = Port(elements=layer.pe, bits=out, beats=layer.output.elements // layer.pe)
    body = converter("s", "x", bits, s_port, layer.pe) + declare_stream("y", layer.pe * bits)
    body += _sliding(layer, source, layer.pe, "y", per_word=True)
    body += instance(
        "dp_pool",
        "pool",
        {"IB": bits, "OB": out, "LANES": layer.pe, "COUNT": layer.kernel[0] * layer.kernel[1]}
        | {"SUM": int(layer.kind is PoolKind.SUM)},
        CLOCK | stream("y") | stream("m", "m"),
    )
    return finish(layer, module, (s_port,), m_port, body, ("dp_width.v", "dp_window.v", "dp_pool.v"))


def pad(layer: Pad, source: Stream, module: str, s_port: Port) -> LayerFiles:
    """Generate padding; ``simd`` elements move at once."""
    check_lanes(layer, "SIMD", layer.simd, source.channels)
    bits, zero = source.type.bits, source.type.zero
    if zero is None:
        raise ModelError("bipolar values have no zero to pad with", where=f"layer {layer.name}")
    height, width, channels = layer.output.shape
    word = sum(zero << (lane * bits) for lane in range(layer.simd))
    m_port = Port(elements=layer.simd, bits=bits, beats=layer.output.elements // layer.simd)
    body, room, came = converter("s", "x", bits, s_port, layer.simd), pad_fifo(layer, source), "x"
    if room:
        kept = CLOCK | stream("x") | stream("kept", "m")
        body += declare_stream("kept", layer.simd * bits)
        body += instance("dp_fifo", "kept", {"BITS": layer.simd * bits, "DEPTH": room}, kept)
        came = "kept"
    body += instance(
        "dp_pad",
        "pad",
        {"BITS": layer.simd * bits, "H": height, "W": width, "WORDS": channels // layer.simd}
        | {"TOP": layer.top, "LEFT": layer.left, "BOTTOM": height - layer.bottom, "RIGHT": width - layer.right},
        CLOCK | stream(came) | stream("m", "m"),
    ).replace(".RIGHT(", f".ZERO({layer.simd * bits}'h{word:x}), .RIGHT(")
    return finish(layer, module, (s_port,), m_port, body, ("dp_width.v", *(("dp_fifo.v",) if room else ()), "dp_pad.v"))


def check_lanes(layer: Layer, key: str, lanes: int, channels: int) -> None:
    """Refuse a number of lanes that does not divide the channels.

    Raises:
        ModelError: when it does not.
    """
    if lanes < 1 or channels % lanes:
        raise ModelError(
            f"{key} = {lanes} does not divide the {channels} channels",
            where=f"layer {layer.name}",
            allowed=[str(lane) for lane in range(1, channels + 1) if channels % lane == 0],
        )


def finish(
    layer: Layer, module: str, s_ports: tuple[Port, ...], m_port: Port, body: str, library: tuple[str, ...]
) -> LayerFiles:
    """Wrap the body of a layer without weights; it moves a word per clock at its narrowest place."""
    text = stream_module(module, [port.width for port in s_ports], m_port.width, body)
    cycles = max(m_port.beats, *(_arriving(port, m_port.elements) for port in s_ports))
    if isinstance(layer, Pool):
        cycles = max(cycles, m_port.beats * layer.kernel[0] * layer.kernel[1])
    return LayerFiles(
        files={f"{module}.v": text.encode()},
        library=library,
        design=LayerDesign(
            name=layer.name,
            kind=type(layer).__name__,
            module=module,
            sources=(),
            contents=(),
            s_ports=s_ports,
            m_port=m_port,
            cycles=cycles,
            pe=m_port.elements,
            units=m_port.elements,
            input_bits=s_ports[0].bits,
            output_bits=m_port.bits,
        ),
    )


def _arriving(port: Port, elements: int) -> int:
    """Clocks that a frame takes to pass the width converter."""
    return port.beats * port.elements // min(gcd(port.elements, elements), port.elements)
