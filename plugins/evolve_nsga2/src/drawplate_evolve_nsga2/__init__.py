# SPDX-License-Identifier: GPL-3.0-or-later
"""drawplate: NSGA-II search over students, bits and foldings."""
