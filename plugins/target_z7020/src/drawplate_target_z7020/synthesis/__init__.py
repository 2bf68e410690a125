# SPDX-License-Identifier: Apache-2.0
"""Resources of a design, counted by yosys layer by layer.

Nothing is imported here: programs of this package run once per layer, and begin in a third of the time without.
"""
