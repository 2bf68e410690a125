# SPDX-License-Identifier: Apache-2.0
"""Losses of logits and embeddings against their formulas, written from the papers in NumPy and float64."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

TOLERANCE = 1e-6


def softmax(z: np.ndarray) -> np.ndarray:
    e = np.exp(z - z.max(1, keepdims=True))
    return e / e.sum(1, keepdims=True)


def kl(p: np.ndarray, q: np.ndarray) -> float:
    return float((p * np.log(p / q)).sum(1).mean())


def zscore(z: np.ndarray) -> np.ndarray:
    return (z - z.mean(1, keepdims=True)) / (z.std(1, ddof=1, keepdims=True) + 1e-7)


def kd(z_s: np.ndarray, z_t: np.ndarray, temperature: float) -> float:
    return temperature**2 * kl(softmax(z_t / temperature), softmax(z_s / temperature))


def dkd(z_s: np.ndarray, z_t: np.ndarray, y: np.ndarray, temperature: float, beta: float) -> float:
    total = 0.0
    for s, t, c in zip(softmax(z_s / temperature), softmax(z_t / temperature), y, strict=True):
        b_s, b_t = np.array([s[c], 1 - s[c]]), np.array([t[c], 1 - t[c]])
        q_s, q_t = np.delete(s, c) / (1 - s[c]), np.delete(t, c) / (1 - t[c])
        total += (b_t * np.log(b_t / b_s)).sum() + beta * (q_t * np.log(q_t / q_s)).sum()
    return temperature**2 * total / len(y)


def dist(z_s: np.ndarray, z_t: np.ndarray, temperature: float) -> float:
    s, t = softmax(z_s / temperature), softmax(z_t / temperature)
    rows = np.mean([1 - np.corrcoef(a, b)[0, 1] for a, b in zip(s, t, strict=True)])
    columns = np.mean([1 - np.corrcoef(a, b)[0, 1] for a, b in zip(s.T, t.T, strict=True)])
    return temperature**2 * (rows + columns)


def mlkd(z_s: np.ndarray, z_t: np.ndarray) -> float:
    total = 0.0
    for temperature in (2, 3, 4, 5, 6):
        s, t = softmax(z_s / temperature), softmax(z_t / temperature)
        total += kd(z_s, z_t, temperature)
        total += np.linalg.norm(t @ t.T - s @ s.T, "fro") ** 2 / len(s)
        total += np.linalg.norm(t.T @ t - s.T @ s, "fro") ** 2 / s.shape[1]
    return total


def huber(a: np.ndarray, b: np.ndarray) -> float:
    d = np.abs(a - b)
    return float(np.where(d < 1, d**2 / 2, d - 0.5).mean())


def rkd(e_s: np.ndarray, e_t: np.ndarray) -> float:
    def distances(e: np.ndarray) -> np.ndarray:
        d = np.array([[np.linalg.norm(a - b) for b in e] for a in e])
        return d / d[d > 0].mean()

    def angles(e: np.ndarray) -> np.ndarray:
        n = len(e)
        out = np.zeros((n, n, n))
        for i, j, k in itertools.product(range(n), repeat=3):
            u, v = e[j] - e[i], e[k] - e[i]
            if i not in (j, k):
                out[i, j, k] = u @ v / (np.linalg.norm(u) * np.linalg.norm(v))
        return out

    return 25 * huber(distances(e_s), distances(e_t)) + 50 * huber(angles(e_s), angles(e_t))


def pkt(e_s: np.ndarray, e_t: np.ndarray) -> float:
    def neighbours(e: np.ndarray) -> np.ndarray:
        unit = e / np.linalg.norm(e, axis=1, keepdims=True)
        k = (unit @ unit.T + 1) / 2
        return k / k.sum(1, keepdims=True)

    s, t = neighbours(e_s), neighbours(e_t)
    return float((t * np.log((t + 1e-7) / (s + 1e-7))).mean())


def test_kd(scene):
    expected = kd(scene.student.logits.numpy(), scene.teacher.logits.numpy(), 4)
    assert scene.loss("kd") == pytest.approx(expected, abs=TOLERANCE)


def test_kd_is_a_mean_over_the_batch_not_over_batch_times_classes(scene):
    one = kd(scene.student.logits.numpy()[:1], scene.teacher.logits.numpy()[:1], 1)
    p, q = softmax(scene.teacher.logits.numpy()[:1]), softmax(scene.student.logits.numpy()[:1])
    assert one == pytest.approx(float(np.sum(p * np.log(p / q))), abs=TOLERANCE)
    double = scene.build("kd", temperature=1)
    whole = double(scene.student, scene.teacher, scene.batch).item()
    each = [
        kd(s[None], t[None], 1) for s, t in zip(scene.student.logits.numpy(), scene.teacher.logits.numpy(), strict=True)
    ]
    assert whole == pytest.approx(np.mean(each), abs=TOLERANCE)


def test_kd_std(scene):
    expected = kd(zscore(scene.student.logits.numpy()), zscore(scene.teacher.logits.numpy()), 2)
    assert scene.loss("kd_std") == pytest.approx(expected, abs=TOLERANCE)


def test_dkd(scene):
    expected = dkd(scene.student.logits.numpy(), scene.teacher.logits.numpy(), scene.batch.labels.numpy(), 4, 8)
    assert scene.loss("dkd") == pytest.approx(expected, abs=TOLERANCE)


def test_dkd_std(scene):
    logits = zscore(scene.student.logits.numpy()), zscore(scene.teacher.logits.numpy())
    expected = dkd(*logits, scene.batch.labels.numpy(), 4, 9)
    assert scene.loss("dkd_std") == pytest.approx(expected, abs=TOLERANCE)


def test_dist(scene):
    expected = dist(scene.student.logits.numpy(), scene.teacher.logits.numpy(), 4)
    assert scene.loss("dist") == pytest.approx(expected, abs=TOLERANCE)


def test_mlkd(scene):
    expected = mlkd(scene.student.logits.numpy(), scene.teacher.logits.numpy())
    assert scene.loss("mlkd") == pytest.approx(expected, abs=TOLERANCE)


def test_rkd(scene):
    expected = rkd(scene.student.embedding.numpy(), scene.teacher.embedding.numpy())
    assert scene.loss("rkd") == pytest.approx(expected, abs=TOLERANCE)


def test_pkt(scene):
    expected = pkt(scene.student.embedding.numpy(), scene.teacher.embedding.numpy())
    assert scene.loss("pkt") == pytest.approx(expected, abs=TOLERANCE)


def linear(loss, name: str, x: np.ndarray) -> np.ndarray:
    state = loss.state_dict()
    return x @ state[f"{name}.weight"].numpy().T + state[f"{name}.bias"].numpy()


def test_correlation(scene):
    loss = scene.build("correlation", width=3)
    e_s = linear(loss, "embed_student", scene.student.embedding.numpy())
    e_t = linear(loss, "embed_teacher", scene.teacher.embedding.numpy())
    d = np.abs(e_s - e_t)
    expected = np.mean([d[i] @ d[i + 1] for i in range(len(d) - 1)])
    assert loss(scene.student, scene.teacher, scene.batch).item() == pytest.approx(expected, abs=TOLERANCE)


def test_crd(scene):
    loss = scene.build("crd", width=3, negatives=4)
    import torch

    torch.manual_seed(5)
    value = loss(scene.student, scene.teacher, scene.batch).item()
    torch.manual_seed(5)
    negatives = loss.draw(scene.batch.index).numpy()
    index, n, k, tau = scene.batch.index.numpy(), 12, 4, 0.07
    expected = 0.0
    for mine, other, bank in (("student", scene.student, "teacher"), ("teacher", scene.teacher, "student")):
        v = linear(loss, f"embed_{mine}", other.embedding.numpy())
        v /= np.linalg.norm(v, axis=1, keepdims=True)
        memory = loss.state_dict()[f"memory_{bank}.bank"].numpy()
        rows = memory[np.concatenate([index[:, None], negatives], 1)]
        p = np.exp(np.einsum("bd,bkd->bk", v, rows) / tau)
        p /= p.mean() * n
        m = k / n
        expected -= (np.log(p[:, 0] / (p[:, 0] + m + 1e-7)).sum() + np.log(m / (p[:, 1:] + m + 1e-7)).sum()) / len(v)
    assert value == pytest.approx(expected, abs=TOLERANCE)
