# SPDX-License-Identifier: Apache-2.0
"""The steps that come with core: plugins like any other."""
