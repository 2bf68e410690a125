# SPDX-License-Identifier: Apache-2.0
"""Random QONNX networks, and judges that must agree on every bit of what they compute."""
