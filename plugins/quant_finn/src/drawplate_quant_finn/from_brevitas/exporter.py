# SPDX-License-Identifier: Apache-2.0
"""What the hook ``module_exporters`` offers: looks at a module without importing Brevitas."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from torch import nn

    from drawplate.torch.exporter import Exported, Given

PROXIES: Final = ("weight_quant", "bias_quant", "act_quant", "input_quant", "output_quant", "trunc_quant")
"""Names of the parts of Brevitas' layers that hold ranges."""


class BrevitasExporter:
    """Exports what has layers of Brevitas."""

    def takes(self, module: nn.Module) -> bool:
        """Whether any layer is Brevitas'."""
        return any(type(part).__module__.partition(".")[0] == "brevitas" for part in module.modules())

    def may_lack(self, module: nn.Module, key: str) -> bool:  # noqa: ARG002 - the protocol's
        """A checkpoint of the float network has no ranges."""
        return any(part in PROXIES for part in key.split("."))

    def export(self, module: nn.Module, given: Given) -> Exported:
        """Export to QONNX; see :func:`drawplate_quant_finn.from_brevitas.export.exported`."""
        import warnings

        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # of Brevitas, about kernels that it could use
            from drawplate_quant_finn.from_brevitas.export import exported

        return exported(module, given)
