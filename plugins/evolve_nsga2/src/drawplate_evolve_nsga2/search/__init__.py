# SPDX-License-Identifier: GPL-3.0-or-later
"""Which candidates are tried, and when."""
