# SPDX-License-Identifier: Apache-2.0
"""What a layer's generator hands back."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import evolve, field, frozen

from drawplate_dataflow.hardware.design import LayerDesign


@frozen(kw_only=True)
class LayerFiles:
    """A layer's own files, the library files it uses, and its record (still without its sources)."""

    files: Mapping[str, bytes] = field(repr=False)
    library: tuple[str, ...]
    design: LayerDesign

    def finished(self) -> LayerDesign:
        """Return the record with its sources."""
        own = tuple(name for name in self.files if name.endswith(".v"))
        return evolve(self.design, sources=(*dict.fromkeys(self.library), *own))
