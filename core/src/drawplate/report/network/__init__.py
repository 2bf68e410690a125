# SPDX-License-Identifier: Apache-2.0
"""The network on a page: its layers as a graph, and what its weights and activations are."""
