# SPDX-License-Identifier: Apache-2.0
"""From a quantized model to FINN's integer layers in exact arithmetic, and the proof that no code changed."""
