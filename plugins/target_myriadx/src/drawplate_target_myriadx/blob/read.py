# SPDX-License-Identifier: Apache-2.0
"""Bytes to :class:`~drawplate_target_myriadx.blob.model.Blob`."""

from __future__ import annotations

import attrs

from drawplate_target_myriadx.blob.cursor import Cursor, damaged
from drawplate_target_myriadx.blob.model import Blob, Buffer, Header, Operation, Place, Port, Stage, Tensor
from drawplate_target_myriadx.blob.names import DIMENSIONS, DTYPES, NCE, stage_name
from drawplate_target_myriadx.blob.operations import read_operations

ELF = b"\x7felf"
ELF_BYTES = 52
MAGIC = 9709
VERSION = (6, 0)
BORDER = 0x7F83FF19
ALIGNMENT = 64
CONSTANT = 3
PLACES = tuple(Place)


def read_blob(data: bytes) -> Blob:
    """Read a compiled network; every byte belongs to a record, to the constants, or is zero padding.

    Raises:
        ModelError: when anything is out of place.
    """
    reader = _Reader(data)
    header = reader.header
    if header.magic != MAGIC or not data.startswith(ELF):
        raise damaged("its magic numbers are wrong", 0)
    if (header.version_major, header.version_minor) != VERSION:
        raise damaged(f"it has version {header.version_major}.{header.version_minor}, not 6.0", ELF_BYTES + 8)
    if header.file_size != len(data):
        raise damaged(f"it says {header.file_size} bytes, but has {len(data)}", ELF_BYTES + 4)
    inputs = reader.ports(header.input_offset, header.inputs, header.output_offset)
    outputs = reader.ports(header.output_offset, header.outputs, header.stage_offset)
    stages = reader.stages(header.stage_offset, header.stages, header.constant_offset)
    return Blob(header=header, inputs=inputs, outputs=outputs, stages=stages, size=len(data))


class _Reader:
    def __init__(self, data: bytes) -> None:
        self.data = data
        names = [attribute.name for attribute in attrs.fields(Header)]
        cursor = Cursor(data, ELF_BYTES, len(data)) if len(data) > ELF_BYTES else Cursor(data, 0, 0)
        self.header = Header(**dict(zip(names, cursor.words(len(names)), strict=True)))
        self._padding(cursor.at, self.header.input_offset)

    # sections -----------------------------------------------------------------------------------------------------

    def ports(self, start: int, count: int, end: int) -> tuple[Port, ...]:
        cursor = self._section(start, end)
        found = []
        for _ in range(count):
            _index, offset, length = cursor.words(3)
            name = cursor.take(length).split(b"\0")[0].decode("utf-8", "replace")
            found.append(Port(name=name, tensor=self._tensor(cursor), offset=offset))
        self._padding(cursor.at, end)
        return tuple(found)

    def stages(self, start: int, count: int, end: int) -> tuple[Stage, ...]:
        cursor = self._section(start, end)
        found = tuple(self._stage(cursor) for _ in range(count))
        self._padding(cursor.at, end)
        return found

    def _section(self, start: int, end: int) -> Cursor:
        if not 0 <= start <= end <= len(self.data):
            raise damaged(f"a section goes from {start} to {end}", start)
        return Cursor(self.data, start, end)

    def _padding(self, start: int, end: int) -> None:
        """Check that what fills a section up to its alignment is zero."""
        if not start <= end <= len(self.data) or any(self.data[start:end]) or (end - start >= 2 * ALIGNMENT):
            raise damaged(f"no padding from {start} to {end}", start)

    # records ------------------------------------------------------------------------------------------------------

    def _stage(self, cursor: Cursor, *, nested: bool = False) -> Stage:
        start = cursor.at
        length, number, shaves = cursor.words(3)
        body = cursor.part(length - 12)
        parameters_start = body.at
        parameters_bytes = body.word()
        parameters = body.part(parameters_bytes - 4)
        operations: tuple[Operation, ...] = ()
        injected, buffers = None, []
        if number == NCE:
            operations = read_operations(parameters)
            if parameters.word():
                if nested:
                    raise damaged("an injected stage carries another", start)
                injected = self._stage(parameters, nested=True)
            parameters.finish()
            buffers = [self._buffer(body) for _ in range(body.word())]
        else:
            while body.end - body.at > 8:
                buffers.append(self._buffer(body))
        if body.words(2) != (number, BORDER):
            raise damaged(f"stage {stage_name(number)} from {start} has no end", parameters_start)
        body.finish()
        return Stage(
            type_id=number,
            type=stage_name(number),
            shaves=shaves,
            buffers=tuple(buffers),
            operations=operations,
            injected=injected,
        )

    def _buffer(self, cursor: Cursor) -> Buffer:
        tensor = self._tensor(cursor)
        place = self._place(cursor)
        if place in (Place.INPUT, Place.OUTPUT):
            cursor.words(2)  # which of them, and its bytes
        return Buffer(tensor=tensor, place=place, offset=cursor.word())

    def _place(self, cursor: Cursor) -> Place:
        number = cursor.word()
        if number >= len(PLACES):
            raise damaged(f"there is no place {number}", cursor.at - 4)
        return PLACES[number]

    def _tensor(self, cursor: Cursor) -> Tensor:
        kind, order, count, place, offset, _strides_place, _strides_offset = cursor.words(7)
        if kind not in DTYPES:
            raise damaged(f"there is no element type {kind}", cursor.at - 28)
        dtype, item_bytes = DTYPES[kind]
        dims = self._dims(order, count, offset) if place == CONSTANT else None
        return Tensor(dtype=dtype, item_bytes=item_bytes, dims=dims)

    def _dims(self, order: int, count: int, offset: int) -> dict[str, int]:
        """Read extents out of the constants.  ``order`` names the dimensions, a nibble each, the fastest first."""
        numbers = [order >> (4 * index) & 15 for index in range(min(count, 8))]
        if count > 8 or any(not 1 <= number <= len(DIMENSIONS) for number in numbers):
            raise damaged(f"there is no order {order:#x} of {count} dimensions", offset)
        start = self.header.constant_offset + offset
        extents = self._section(start, len(self.data)).words(count)
        return dict(zip((DIMENSIONS[number - 1] for number in numbers), extents, strict=True))
