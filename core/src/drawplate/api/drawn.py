# SPDX-License-Identifier: Apache-2.0
"""Results as data frames, figures and pages; pandas and plotly are asked for when they are needed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from drawplate.errors import ToolMissing

if TYPE_CHECKING:
    import pandas as pd
    import plotly.graph_objects as go


def frame(columns: Sequence[str], body: Iterable[Sequence[Any]]) -> pd.DataFrame:
    """Make a data frame.

    Raises:
        ToolMissing: when pandas is not installed.
    """
    try:
        import pandas as pd
    except ImportError as error:
        raise ToolMissing("pandas is not installed", hint="pip install pandas") from error
    return pd.DataFrame(list(body), columns=list(columns))


def figures_of(folder: Path) -> dict[str, go.Figure]:
    """Draw the charts of a run or a sweep.

    Raises:
        ToolMissing: when plotly is not installed.
    """
    from drawplate.report.html import charts
    from drawplate.report.read import read_whole

    try:
        import plotly.graph_objects as go
    except ImportError as error:
        raise ToolMissing("plotly is not installed", hint="pip install 'drawplate[report]'") from error
    return {chart.name: go.Figure(chart.figure()) for chart in charts([read_whole(folder)])}


def write_report(folders: Sequence[Path], path: Path) -> Path:
    """Write one page about runs and sweeps, and return where."""
    from drawplate.report.html import page
    from drawplate.report.read import read_whole
    from drawplate.store.atomic import write_bytes

    write_bytes(path, page([read_whole(folder) for folder in folders]).encode())
    return path.absolute()
