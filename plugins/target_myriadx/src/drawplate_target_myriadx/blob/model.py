# SPDX-License-Identifier: Apache-2.0
"""What a compiled network consists of.

The layout is that of OpenVINO 2021.4's graph transformer (``inference-engine/src/vpu/graph_transformer``, blob format
6.0), which DepthAI's ``dai.OpenVINO.Blob`` reads as well.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from enum import StrEnum

from attrs import frozen


class Place(StrEnum):
    """Where a buffer lives."""

    NONE = "none"
    INPUT = "input"
    OUTPUT = "output"
    BLOB = "blob"
    """Constants in DDR, loaded with the blob."""
    DDR = "ddr"
    """Scratch memory outside the chip's own."""
    CMX = "cmx"
    """The 2.5 MB of memory inside the chip, in slices of 128 KB."""


@frozen(kw_only=True)
class Header:
    """The twenty words at the start of the blob, as they are."""

    magic: int
    file_size: int
    version_major: int
    version_minor: int
    inputs: int
    outputs: int
    stages: int
    input_bytes: int
    output_bytes: int
    batch: int
    ddr_bytes: int
    """Scratch memory in DDR."""
    cmx_slices: int
    shaves: int
    has_hardware: int
    has_shaves: int
    has_dma: int
    input_offset: int
    output_offset: int
    stage_offset: int
    constant_offset: int


@frozen(kw_only=True)
class Tensor:
    """Element type and shape."""

    dtype: str
    """``fp16``, ``u8``, ``s32``, ``fp32`` or ``i8``."""
    item_bytes: int
    dims: Mapping[str, int] | None
    """Extent by dimension (W, H, C, N, D), the fastest first; None where it is only known at run time."""

    @property
    def nbytes(self) -> int:
        """Bytes without padding; 0 where the shape is not known."""
        return 0 if self.dims is None else self.item_bytes * math.prod(self.dims.values())

    @property
    def shape(self) -> tuple[int, ...]:
        """Extents, the slowest first; empty where they are not known."""
        return () if self.dims is None else tuple(self.dims.values())[::-1]

    def extent(self, dimension: str) -> int:
        """One extent, 1 where the tensor has no such dimension."""
        return 1 if self.dims is None else self.dims.get(dimension, 1)


@frozen(kw_only=True)
class Port:
    """An input or output of the network."""

    name: str
    tensor: Tensor
    offset: int


@frozen(kw_only=True)
class Buffer:
    """What a stage reads or writes."""

    tensor: Tensor
    place: Place
    offset: int


@frozen(kw_only=True)
class Operation:
    """One descriptor of the neural compute engine (NCE)."""

    kind: str
    """``conv``, ``conv_pool``, ``fc`` or ``pool``."""
    mode: int
    """0 to 4: 2^mode input channels and 2^(8 - mode) output channels per block."""
    channels: int
    """Output channels; for ``fc``, output neurons."""
    kernel: tuple[int, int]
    """Width and height; 1 x 1 for ``fc``."""
    stride: int
    relu: bool
    clamp: float | None
    fc_inputs: int = 0


@frozen(kw_only=True)
class Stage:
    """One step of the network's execution."""

    type_id: int
    type: str
    shaves: int
    buffers: tuple[Buffer, ...]
    operations: tuple[Operation, ...] = ()
    """Descriptors, for a stage that the NCE runs."""
    injected: Stage | None = None
    """A SHAVE or DMA stage that runs beside it."""

    @property
    def hardware(self) -> bool:
        """Whether the NCE runs it."""
        return bool(self.operations)


@frozen(kw_only=True)
class Blob:
    """A whole compiled network."""

    header: Header
    inputs: tuple[Port, ...]
    outputs: tuple[Port, ...]
    stages: tuple[Stage, ...]
    size: int

    def all_stages(self) -> Iterator[Stage]:
        """Yield every stage, the injected ones after those that carry them."""
        for stage in self.stages:
            yield stage
            if stage.injected is not None:
                yield stage.injected
