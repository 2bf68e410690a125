# SPDX-License-Identifier: Apache-2.0
"""Files for the host, the same for every design; they stand alone and import nothing of drawplate."""
