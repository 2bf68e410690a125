# SPDX-License-Identifier: Apache-2.0
"""The quantizers of the paper: Stewart, Bacchus, Nowlan, Ducasse, Komendantskaya, Electronics 2021, 10(4), 396."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from drawplate_quant_finn.grid import Grid, weight_grid

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray


def paper_step(bits: int) -> float:
    """Distance of two quantized weights, 2^-(n-2) (Eq. 1); 1 for the sign."""
    return 1.0 if bits == 1 else 2.0 ** -(bits - 2)


def quantize_weights(values: ArrayLike, bits: int) -> NDArray[np.float64]:
    """Eq. 1: round to 2^n - 1 values between -(2 - 2^-(n-2)) and 2 - 2^-(n-2); the sign at n = 1."""
    return weight_grid(bits).quantized(values, paper_step(bits))


def fitting_power(values: ArrayLike) -> float:
    """Power of two that brings the largest magnitude into (1, 2], the range of Eq. 1; 1 where all are 0.

    Eq. 1 rounds everything below 2^-(n-1) to 0: a layer's weights, which start near 1/sqrt(inputs), have to be
    brought to its range first.  A power of two keeps every step a power of two.
    """
    import numpy as np

    largest = float(np.abs(np.asarray(values, dtype=np.float64)).max(initial=0))
    return 1.0 if largest == 0 else float(2.0 ** (1 - np.ceil(np.log2(largest))))


def quantized_tanh(x: ArrayLike, bits: int) -> NDArray[np.float64]:
    """Tanh rounded to 2^n - 1 values between -1 and 1 (Figure 2); the sign at n = 1."""
    import numpy as np

    grid = Grid(bits, signed=True, narrow=True)
    return grid.quantized(np.tanh(np.asarray(x, dtype=np.float64)), 1 / grid.high)


def draw_figure_2(path: Path) -> None:
    """Write Figure 2 as one HTML file (needs plotly)."""
    import plotly.graph_objects as go

    figure = go.Figure(layout={"xaxis_title": "x", "yaxis_title": "tanh(x), quantized", "template": "simple_white"})
    for name, points in figure_2().items():
        x, y = zip(*points, strict=True)
        figure.add_scatter(x=x, y=y, name=name, line_shape="linear" if name == "tanh" else "hv")
    figure.write_html(path)


def figure_2(bits: tuple[int, ...] = (1, 2, 3, 4), points: int = 601) -> dict[str, tuple[tuple[float, float], ...]]:
    """Curves of Figure 2: tanh, and quantized tanh for several precisions, over -3..3."""
    import numpy as np

    x = np.linspace(-3, 3, points)
    curves = {"tanh": np.tanh(x)} | {f"{n} bits": quantized_tanh(x, n) for n in bits}
    return {name: tuple(zip(x.tolist(), y.tolist(), strict=True)) for name, y in curves.items()}
