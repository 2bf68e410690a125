# SPDX-License-Identifier: GPL-3.0-or-later
"""One candidate: its genome, the steps it goes through, and what came of it."""
