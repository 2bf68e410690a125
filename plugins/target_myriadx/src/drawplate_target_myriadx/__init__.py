# SPDX-License-Identifier: Apache-2.0
"""drawplate: Intel Myriad X (announced, not built yet)."""
