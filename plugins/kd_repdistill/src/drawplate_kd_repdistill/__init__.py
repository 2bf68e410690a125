# SPDX-License-Identifier: Apache-2.0
"""drawplate: knowledge distillation with the methods of RepDistiller and newer ones."""
