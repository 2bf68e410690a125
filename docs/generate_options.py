# SPDX-License-Identifier: Apache-2.0
"""Write ``reference/options.md`` and ``flows/schema.json`` from what steps, data and models declare.

Run it with ``python docs/generate_options.py``.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from drawplate.data import DataOptions
from drawplate.flow.schema import flow_schema
from drawplate.options import info_of, option_fields, type_name
from drawplate.plugins import Plugins
from drawplate.report.figures import format_value

PAGE = Path(__file__).with_name("reference") / "options.md"
SCHEMA = Path(__file__).parents[1] / "flows" / "schema.json"


def page() -> str:
    """Return the page."""
    plugins = Plugins()
    lines = ["# Options", "", "This page is written by `docs/generate_options.py` from the source."]
    for name, card in plugins.steps().items():
        lines += ["", f"## Step `{name}`", "", f"{card.summary[0].upper()}{card.summary[1:]}."]
        for verb, cls in card.options.items():
            lines += ["", f"### {verb.value}", "", *_table(cls)]
    lines += ["", "## `[data]`", "", *_table(DataOptions)]
    for name, architecture in sorted(plugins.contributions("architectures").items()):
        lines += ["", f"## Model `{name}`", "", f"{architecture.summary[0].upper()}{architecture.summary[1:]}.", ""]
        lines += _table(architecture.options)
    return "\n".join(lines) + "\n"


def schema() -> str:
    """Return the JSON Schema of flow files, as ``drawplate schema`` prints it."""
    return json.dumps(flow_schema(Plugins()), indent=1, sort_keys=True) + "\n"


def _table(cls: type) -> Iterator[str]:
    fields = option_fields(cls)
    if not fields:
        yield "No options."
        return
    yield "| option | type | allowed | default | what it does |"
    yield "|---|---|---|---|---|"
    for name, attribute in fields.items():
        info = info_of(attribute)
        unit = f" [{info.unit}]" if info.unit else ""
        cells = [f"`{name}`", type_name(attribute.type), info.range, _default(attribute.default), info.help + unit]
        yield "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _default(value: Any) -> str:
    import attrs

    if isinstance(value, attrs.Factory):  # type: ignore[arg-type]
        value = value.factory()
    return "required" if value is attrs.NOTHING else format_value(value)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    SCHEMA.write_text(schema(), encoding="utf-8")
