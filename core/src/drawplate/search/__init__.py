# SPDX-License-Identifier: Apache-2.0
"""What a search space, a gene and a genome are: the contract between ``evolve`` and the plugins that offer spaces."""

from drawplate.search.gene import Choice, Gene, Genome, Integer, read_gene
from drawplate.search.option_genes import OptionGenes
from drawplate.search.product import Product
from drawplate.search.space import Expression, SearchSpace, Space

__all__ = [
    "Choice",
    "Expression",
    "Gene",
    "Genome",
    "Integer",
    "OptionGenes",
    "Product",
    "SearchSpace",
    "Space",
    "read_gene",
]
