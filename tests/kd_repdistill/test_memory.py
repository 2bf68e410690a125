# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: TID253
"""Memory banks and negatives of crd, and the memory that nst does not need."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from drawplate.errors import DataError
from drawplate_kd_repdistill.memory import Memory, Negatives
from drawplate_kd_repdistill.methods.nst import discrepancy


@given(st.lists(st.integers(0, 3), min_size=2, max_size=30), st.integers(0, 1000))
def test_negatives_are_never_of_the_samples_own_class(labels, seed):
    if len(set(labels)) == 1:
        labels = [*labels, labels[0] + 1]
    classes = torch.tensor(labels)
    torch.manual_seed(seed)
    index = torch.randint(len(labels), (9,))
    drawn = Negatives(classes, 40)(index)
    assert drawn.shape == (9, 40)
    assert (classes[drawn] != classes[index, None]).all()


def test_negatives_reach_every_sample_of_other_classes_equally():
    classes = torch.tensor([0, 1, 0, 2, 1, 2, 2])
    torch.manual_seed(0)
    drawn = Negatives(classes, 60_000)(torch.tensor([1]))
    counts = torch.bincount(drawn[0], minlength=7)
    assert counts[[1, 4]].sum() == 0
    assert counts[[0, 2, 3, 5, 6]].float() == pytest.approx(12_000, rel=0.05)


def test_one_class_alone_has_no_negatives():
    with pytest.raises(DataError, match="one class"):
        Negatives(torch.zeros(4, dtype=torch.long), 2)


def test_memory_moves_only_the_batch_and_keeps_unit_length():
    memory = Memory(5, 3, momentum=0.5)
    before = memory.bank.clone()
    vectors = torch.nn.functional.normalize(torch.tensor([[1.0, 2.0, 3.0], [0.0, -1.0, 0.0]]), dim=1)
    memory.update(torch.tensor([4, 1]), vectors)
    assert torch.equal(memory.bank[[0, 2, 3]], before[[0, 2, 3]])
    expected = torch.nn.functional.normalize(0.5 * before[[4, 1]] + 0.5 * vectors, dim=1)
    torch.testing.assert_close(memory.bank[[4, 1]], expected)
    torch.testing.assert_close(memory.bank[[4, 1]].norm(dim=1), torch.ones(2))


def test_memory_is_state_and_no_parameter():
    memory = Memory(5, 3, momentum=0.5)
    assert set(memory.state_dict()) == {"bank"}
    assert not list(memory.parameters())


def test_crd_remembers_embeddings_by_sample_index(scene):
    loss = scene.build("crd", width=3, negatives=4, momentum=0.0)
    with torch.no_grad():
        loss.remember(scene.student, scene.teacher, scene.batch)
    expected = torch.nn.functional.normalize(loss.embed_teacher(scene.teacher.embedding), dim=1)
    torch.testing.assert_close(loss.memory_teacher.bank[scene.batch.index], expected)


def test_nst_never_holds_channels_times_channels_times_positions():
    """64 x 256 x 256 x 8 x 8 floats are a gigabyte; counted here by the largest tensor made."""
    largest = 0

    class Largest(torch.utils._python_dispatch.TorchDispatchMode):
        def __torch_dispatch__(self, function, types, args=(), kwargs=None):
            nonlocal largest
            made = function(*args, **(kwargs or {}))
            if isinstance(made, torch.Tensor):
                largest = max(largest, made.numel())
            return made

    with Largest():
        discrepancy(torch.rand(4, 64, 8, 8), torch.rand(4, 64, 8, 8))
    assert largest <= 4 * 64 * 64


def test_every_stage_counts_or_the_loss_refuses(scene):
    """Stages are never cut in silence to the shorter list."""
    import attrs

    short = attrs.evolve(scene.teacher, stages=scene.teacher.stages[:1])
    for name in ("attention", "nst", "vid"):
        with pytest.raises(ValueError, match="shorter"):
            scene.build(name)(scene.student, short, scene.batch)
