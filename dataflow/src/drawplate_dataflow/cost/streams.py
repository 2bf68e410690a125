# SPDX-License-Identifier: Apache-2.0
"""The parts of a layer without a matrix, as the generator puts it together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import gcd

from attrs import frozen

from drawplate.errors import ModelError
from drawplate_dataflow.cost.library import Part, part
from drawplate_dataflow.cost.tail import threshold_tail
from drawplate_dataflow.hardware.design import Rom
from drawplate_dataflow.hardware.image import check_lanes
from drawplate_dataflow.hardware.plan import SMALLEST_ROOM
from drawplate_dataflow.hardware.schedule import pad_fifo, ring_rows
from drawplate_dataflow.hardware.text import address_bits
from drawplate_dataflow.network import Add, ArgMax, Layer, Pad, Pool, PoolKind, Stream, Threshold, Window


@frozen(kw_only=True)
class StreamStructure:
    """What a layer without a matrix consists of."""

    parts: tuple[Part, ...]
    roms: tuple[Rom, ...] = ()
    dsp: int = 0
    cycles: int


def lanes(layer: Layer) -> int:
    """Return how many elements move at once."""
    return int(getattr(layer, "simd", getattr(layer, "pe", 1)))


def converters(bits: int, elements: int, beat: int, lanes: int) -> Iterator[Part]:
    """Yield the width converters: two where neither width divides the other.

    Args:
        bits: of an element.
        elements: of a frame, or of a vector where its last word may be partly filled.
        beat: elements of an arriving word.
        lanes: elements of a leaving word.
    """
    common = gcd(beat, lanes)
    steps = [(beat, lanes)] if common in {beat, lanes} else [(beat, common), (common, lanes)]
    for came, leaves in steps:
        yield part("dp_width", {"BITS": bits, "IN": came, "OUT": leaves, "BEATS": elements // came})


def stream_structure(layer: Layer, sources: Sequence[Stream], beats: Sequence[int]) -> StreamStructure:
    """Take a layer apart.

    Args:
        layer: the layer, folded.
        sources: its input streams.
        beats: elements of a word of each of these.

    Raises:
        ModelError: when there is no hardware for such layers, or the lanes do not divide the channels.
    """
    wide, source = lanes(layer), sources[0]
    check_lanes(layer, "SIMD" if hasattr(layer, "simd") else "PE", wide, source.channels)
    arriving = [stream.elements // gcd(beat, wide) for stream, beat in zip(sources, beats, strict=True)]
    cycles = max(layer.output.elements // wide, *arriving)
    if isinstance(layer, Pool):
        cycles = max(cycles, layer.output.elements // wide * layer.kernel[0] * layer.kernel[1])
    front = tuple(
        part
        for stream, beat in zip(sources, beats, strict=True)
        for part in converters(stream.type.bits, stream.elements, beat, wide)
    )
    if isinstance(layer, Threshold):
        parts, roms, dsp = _threshold(layer, source)
        return StreamStructure(parts=front + parts, roms=roms, dsp=dsp, cycles=cycles)
    return StreamStructure(parts=(*front, *_core(layer, sources)), cycles=cycles)


def _core(layer: Layer, sources: Sequence[Stream]) -> Iterator[Part]:
    source = sources[0]
    bits, out, wide = source.type.bits, layer.output.type.bits, lanes(layer)
    if isinstance(layer, Window | Pool):
        yield _sliding(layer, source)
    if isinstance(layer, Pool):
        count, summed = layer.kernel[0] * layer.kernel[1], int(layer.kind is PoolKind.SUM)
        yield part("dp_pool", {"IB": bits, "OB": out, "LANES": wide, "COUNT": count, "SUM": summed})
    elif isinstance(layer, Pad):
        room = pad_fifo(layer, source)
        if room:
            yield part("dp_fifo", {"BITS": wide * bits, "DEPTH": room})
        height, width, channels = layer.output.shape
        yield part("dp_pad", {"BITS": wide * bits, "H": height, "W": width, "WORDS": channels // wide})
    elif isinstance(layer, Add):
        yield part("dp_add", {"AB": bits, "BB": sources[1].type.bits, "LANES": wide, "OB": out})
    elif isinstance(layer, ArgMax):
        yield part("dp_argmax", {"BITS": bits, "COUNT": source.elements, "OB": out})
    elif not isinstance(layer, Window):
        raise ModelError(f"no hardware for layers of kind {type(layer).__name__}", where=f"layer {layer.name}")


def _sliding(layer: Window | Pool, source: Stream) -> Part:
    wide, (height, width, channels) = lanes(layer), source.shape
    kernel, stride = layer.kernel, layer.stride
    shape = {"BITS": wide * source.type.bits, "H": height, "W": width, "WORDS": channels // wide}
    moved = {"KH": kernel[0], "KW": kernel[1], "SH": stride[0], "SW": stride[1]}
    return part(
        "dp_window", shape | moved | {"ROWS": ring_rows(layer, source), "PER_WORD": int(isinstance(layer, Pool))}
    )


def _threshold(layer: Threshold, source: Stream) -> tuple[tuple[Part, ...], tuple[Rom, ...], int]:
    tail = threshold_tail(layer, source)
    channels = source.channels // layer.pe
    room = max(SMALLEST_ROOM, 1 << (tail.latency + 3).bit_length())
    gate = part("dp_gate", {"ROOM": room, "CHANNELS": channels, "CB": address_bits(channels)})
    kept = part("dp_results", {"BITS": layer.pe * layer.output.type.bits, "DEPTH": room})
    return (gate, *tail.parts, kept), tail.roms, tail.dsp
