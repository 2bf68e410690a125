# SPDX-License-Identifier: Apache-2.0
"""Search space ``kd``: how a candidate's step ``distill`` weighs its terms."""

from __future__ import annotations

from drawplate import Artifact, Job
from drawplate.search import Choice, OptionGenes

METHODS = ("kd", "kd_std", "dkd", "dist")
"""Methods on logits alone: they need no layers of their own, whatever the student's shape."""


def open_space(_model: Artifact, _job: Job) -> OptionGenes:
    """Return method, alpha, temperature and gamma; None takes the method's own."""
    genes = {
        "distill.method": Choice(METHODS),
        "distill.alpha": Choice((None, 0.1, 0.3, 0.5, 0.7, 0.9, 1.0), ordered=True),
        "distill.temperature": Choice((None, 1.0, 2.0, 4.0, 8.0, 16.0), ordered=True),
        "distill.gamma": Choice((None, 0.1, 0.5, 1.0), ordered=True),
    }
    return OptionGenes(genes=genes, baseline=dict.fromkeys(genes) | {"distill.method": "kd"})
