# SPDX-License-Identifier: Apache-2.0
"""The data sets that come with drawplate."""

from __future__ import annotations

from collections.abc import Mapping

from drawplate.data import arrays, cifar, embedded, folder, grey, keywords, synthetic, table
from drawplate.data.model import DatasetReader
from drawplate.hookspecs import hookimpl


@hookimpl
def datasets() -> Mapping[str, DatasetReader]:
    """Return the readers by name."""
    readers = (
        grey.digits(),
        grey.mnist(),
        grey.fashion_mnist(),
        cifar.cifar10(),
        cifar.cifar100(),
        embedded.diabetes(),
        embedded.breast_cancer(),
        keywords.keywords(),
        synthetic.synthetic(),
        arrays.npz(),
        folder.folder(),
        table.table(),
    )
    return {reader.name: reader for reader in readers}
