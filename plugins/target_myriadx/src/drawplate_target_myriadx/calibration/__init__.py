# SPDX-License-Identifier: Apache-2.0
"""Published measurements, the networks they were taken on, and the fit of the latency model to them."""
