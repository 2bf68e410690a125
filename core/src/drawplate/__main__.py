# SPDX-License-Identifier: Apache-2.0
"""``python -m drawplate``."""

from drawplate.cli import main

main()
