# SPDX-License-Identifier: GPL-3.0-or-later
"""What is searched, as the options describe it."""
