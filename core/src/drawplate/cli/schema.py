# SPDX-License-Identifier: Apache-2.0
"""``drawplate schema``."""

from drawplate.cli.common import PluginFiles, print_json
from drawplate.cli.output import claim_stdout


def schema(plugin: PluginFiles = None) -> None:
    """Print the JSON Schema of flow files, for editors."""
    claim_stdout(True)
    from drawplate.flow.schema import flow_schema
    from drawplate.plugins import Plugins

    print_json(flow_schema(Plugins(plugin or ())))
