# SPDX-License-Identifier: Apache-2.0
"""Options of steps, models and data: frozen attrs classes read from TOML tables.

A plugin writes::

    @frozen(kw_only=True)
    class FoldOptions:
        target_fps: float | None = option("Meet this rate with the least area.", default=None, above=0, unit="FPS")
        ceiling: float = option("Part of the budget that may be used.", default=0.85, above=0, at_most=1)

and gets reading, checking, messages, a JSON Schema and a reference page from it.
"""

from drawplate.options.declare import OptionInfo, info_of, option, option_fields
from drawplate.options.read import read_options, type_name
from drawplate.options.resolve import resolve
from drawplate.options.schema import as_table, json_schema, key_table

__all__ = [
    "OptionInfo",
    "as_table",
    "info_of",
    "json_schema",
    "key_table",
    "option",
    "option_fields",
    "read_options",
    "resolve",
    "type_name",
]
