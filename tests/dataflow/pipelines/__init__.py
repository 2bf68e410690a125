# SPDX-License-Identifier: Apache-2.0
"""Networks of every kind of layer, from short descriptions."""
