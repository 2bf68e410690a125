# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: TID253
"""Who turns a torch module into an ONNX model: torch's own exporter, or a plugin's for layers that it does not know."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from attrs import field, frozen
from numpy.typing import NDArray
from onnx import ModelProto
from torch import nn

Shape = tuple[int, ...]


@frozen(kw_only=True)
class Given:
    """What is known of a module beside itself."""

    shape: Shape
    """Of one item."""
    seed: int
    fed: bool
    """Whether its weights come from a checkpoint."""
    items: Callable[[int], NDArray[Any]] | None = field(repr=False)
    """The first so many training items, normalised, float32 (n, ...); None where the flow has no data."""


@frozen
class Exported:
    """A model that is yet to go through the door."""

    proto: ModelProto
    notes: tuple[str, ...] = ()
    """What the reader of a plan has to know."""


class ModuleExporter(Protocol):
    """What the hook ``module_exporters`` offers."""

    def takes(self, module: nn.Module) -> bool:
        """Whether a module has layers that are this exporter's."""

    def may_lack(self, module: nn.Module, key: str) -> bool:
        """Whether a checkpoint may be without an entry of the module's state dict."""

    def export(self, module: nn.Module, given: Given) -> Exported:
        """Export a module, its batch free, its input ``input`` and its output ``logits``.

        Raises:
            ModelError: by the name of the layer that cannot be exported.
        """


class TorchExporter:
    """torch's own."""

    def takes(self, module: nn.Module) -> bool:  # noqa: ARG002 - the protocol's
        """Whatever nobody else does."""
        return True

    def may_lack(self, module: nn.Module, key: str) -> bool:  # noqa: ARG002 - the protocol's
        """A checkpoint has to be whole."""
        return False

    def export(self, module: nn.Module, given: Given) -> Exported:
        """Export with BatchNormalization unfolded and Dropout kept."""
        from drawplate.torch.export import export_module, left_out

        return Exported(export_module(module, given.shape, given.seed), left_out(module))
