# SPDX-License-Identifier: Apache-2.0
"""Files that are copied beside a design for a board with a processing system; they import nothing of drawplate."""
