# SPDX-License-Identifier: Apache-2.0
"""Losses of feature maps against their formulas, written from the papers in NumPy and float64."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

TOLERANCE = 1e-6


def pool(x: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Adaptive average pooling: cell i covers floor(i H / h) to ceil((i + 1) H / h)."""
    out = np.zeros((*x.shape[:2], *size))
    for i, j in itertools.product(range(size[0]), range(size[1])):
        rows = slice(i * x.shape[2] // size[0], -(-(i + 1) * x.shape[2] // size[0]))
        columns = slice(j * x.shape[3] // size[1], -(-(j + 1) * x.shape[3] // size[1]))
        out[:, :, i, j] = x[:, :, rows, columns].mean((2, 3))
    return out


def smaller(a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    size = (min(a.shape[2], b.shape[2]), min(a.shape[3], b.shape[3]))
    return pool(a, size), pool(b, size)


def maps(taps) -> list[np.ndarray]:
    return [tap.numpy() for tap in taps]


def stage_pairs(scene) -> list[tuple[np.ndarray, np.ndarray]]:
    return list(zip(maps(scene.student.stages), maps(scene.teacher.stages), strict=True))


def conv(x: np.ndarray, weight: np.ndarray, bias: np.ndarray | float = 0.0, pad: int = 0) -> np.ndarray:
    """Cross-correlation with stride 1: x [b, c, h, w], weight [o, c, k, l]."""
    x = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    height, width = x.shape[2] - weight.shape[2] + 1, x.shape[3] - weight.shape[3] + 1
    out = np.zeros((len(x), len(weight), height, width))
    for i, j in itertools.product(range(height), range(width)):
        window = x[:, :, i : i + weight.shape[2], j : j + weight.shape[3]]
        out[:, :, i, j] = np.einsum("bckl,ockl->bo", window, weight)
    return out + np.reshape(bias, (1, -1, 1, 1))


def batchnorm(x: np.ndarray, gamma: np.ndarray, beta: np.ndarray) -> np.ndarray:
    mean, variance = x.mean((0, 2, 3), keepdims=True), x.var((0, 2, 3), keepdims=True)
    return (x - mean) / np.sqrt(variance + 1e-5) * gamma[:, None, None] + beta[:, None, None]


def state(module) -> dict[str, np.ndarray]:
    return {name: value.numpy() for name, value in module.state_dict().items()}


def unit(x: np.ndarray) -> np.ndarray:
    return x / np.linalg.norm(x, axis=-1, keepdims=True)


def attention(x: np.ndarray) -> np.ndarray:
    return unit((x**2).mean(1).reshape(len(x), -1))


def value(loss, scene) -> float:
    return loss(scene.student, scene.teacher, scene.batch).item()


def test_attention(scene):
    expected = sum(
        ((attention(a) - attention(b)) ** 2).mean() for a, b in itertools.starmap(smaller, stage_pairs(scene))
    )
    assert scene.loss("attention") == pytest.approx(expected, abs=TOLERANCE)


def test_similarity(scene):
    def gram(x: np.ndarray) -> np.ndarray:
        flat = x.reshape(len(x), -1)
        return unit(flat @ flat.T)

    s, t = stage_pairs(scene)[-1]
    expected = np.linalg.norm(gram(t) - gram(s), "fro") ** 2 / len(s) ** 2
    assert scene.loss("similarity") == pytest.approx(expected, abs=TOLERANCE)


def test_nst(scene):
    expected = 0.0
    for s, t in itertools.starmap(smaller, stage_pairs(scene)):
        a, b = unit(s.reshape(*s.shape[:2], -1)), unit(t.reshape(*t.shape[:2], -1))
        mmd = []
        for x, y in zip(a, b, strict=True):
            kernels = [[(u @ v) ** 2 for u in p for v in q] for p, q in ((y, y), (x, x), (x, y))]
            mmd.append(np.mean(kernels[0]) + np.mean(kernels[1]) - 2 * np.mean(kernels[2]))
        expected += np.mean(mmd)
    assert scene.loss("nst") == pytest.approx(expected, abs=TOLERANCE)


def test_nst_is_blind_to_zero_maps(scene):
    """A dead channel has no direction; it must not make the loss infinite."""
    import attrs

    dead = tuple(stage.clone().index_fill_(1, stage.new_zeros(1).long(), 0) for stage in scene.student.stages)
    scene.student = attrs.evolve(scene.student, stages=dead)
    assert math.isfinite(scene.loss("nst"))


def test_hint(scene):
    loss = scene.build("hint")  # the middle of two stages is the first: 6 x 6 in both networks
    weights = state(loss)
    s, t = stage_pairs(scene)[0]
    x = conv(s, weights["regressor.0.resize.weight"], weights["regressor.0.resize.bias"])
    x = np.maximum(batchnorm(x, weights["regressor.0.norm.weight"], weights["regressor.0.norm.bias"]), 0)
    assert value(loss, scene) == pytest.approx(((x - t) ** 2).mean(), abs=TOLERANCE)


def test_vid(scene):
    loss = scene.build("vid")
    expected = 0.0
    for i, (s, t) in enumerate(itertools.starmap(smaller, stage_pairs(scene))):
        weights = state(loss.guesses[i])
        x = np.maximum(conv(s, weights["mean.0.weight"]), 0)
        x = conv(np.maximum(conv(x, weights["mean.2.weight"]), 0), weights["mean.4.weight"])
        variance = (np.log1p(np.exp(weights["scale"])) + 1e-5)[:, None, None]
        expected += (((x - t) ** 2 / variance + np.log(variance)) / 2).mean()
        assert variance.ravel() == pytest.approx(5.0, abs=1e-6)
    assert value(loss, scene) == pytest.approx(expected, abs=TOLERANCE)


def test_fsp(equal_scene):
    def flow(lower: np.ndarray, upper: np.ndarray) -> np.ndarray:
        lower, upper = smaller(lower, upper)
        return np.einsum("bchw,bdhw->bcd", lower, upper) / (lower.shape[2] * lower.shape[3])

    (s0, t0), (s1, t1) = stage_pairs(equal_scene)
    expected = ((flow(s0, s1) - flow(t0, t1)) ** 2).mean()
    loss = equal_scene.build("fsp")
    measured = loss.pretrain(equal_scene.student, equal_scene.teacher, equal_scene.batch).item()
    assert measured == pytest.approx(expected, abs=TOLERANCE)
    assert value(loss, equal_scene) == 0.0
    assert loss.pretrains_student
    assert loss.pretrain_epochs == 1  # an eighth of the scene's one epoch, but at least one


def test_abound(scene):
    loss = scene.build("abound")
    expected = 0.0
    before = zip(maps(scene.student.preactivations), maps(scene.teacher.preactivations), strict=True)
    for i, (s, t) in enumerate(before):
        weights = state(loss.connectors[i])
        if s.shape[2] < t.shape[2]:  # 3 x 3 to 4 x 4: a 1 x 1 convolution, then the nearest neighbour
            x = conv(s, weights["resize.weight"], weights["resize.bias"])
            nearest = [math.floor(j * 3 / 4) for j in range(4)]
            x = x[:, :, nearest][:, :, :, nearest]
        else:
            x = conv(s, weights["resize.weight"], weights["resize.bias"])
        x = batchnorm(x, weights["norm.weight"], weights["norm.bias"])
        hinge = np.where(t > 0, np.maximum(1 - x, 0) ** 2, np.maximum(1 + x, 0) ** 2)
        expected += 2.0 ** (i - 1) * hinge.sum() / len(s) * 3 / 1000
    measured = loss.pretrain(scene.student, scene.teacher, scene.batch).item()
    assert measured == pytest.approx(expected, abs=TOLERANCE)
    assert value(loss, scene) == 0.0


def leaky(x: np.ndarray) -> np.ndarray:
    return np.where(x > 0, x, 0.1 * x)


def test_factor(scene):
    loss = scene.build("factor", rate=0.5)
    s, t = stage_pairs(scene)[-1]
    weights = state(loss)
    factor_s, factor_t = s, t
    for i in range(3):
        name = f"translator.{i}"
        factor_s = conv(factor_s, weights[f"{name}.0.weight"], weights[f"{name}.0.bias"], pad=1)
        factor_s = leaky(batchnorm(factor_s, weights[f"{name}.1.weight"], weights[f"{name}.1.bias"]))
        name = f"paraphraser.{i}"
        factor_t = leaky(conv(factor_t, weights[f"{name}.0.weight"], weights[f"{name}.0.bias"], pad=1))
    assert factor_t.shape[1] == 3
    a, b = smaller(factor_s, factor_t)
    assert value(loss, scene) == pytest.approx(np.abs(attention(a) - attention(b)).mean(), abs=TOLERANCE)

    rebuilt = factor_t
    for i in range(3):  # a transposed convolution of stride 1 is a convolution with the flipped kernel
        name = f"reconstruction.{i}"
        kernel = weights[f"{name}.0.weight"].transpose(1, 0, 2, 3)[:, :, ::-1, ::-1]
        rebuilt = leaky(conv(rebuilt, kernel, weights[f"{name}.0.bias"], pad=1))
    measured = loss.pretrain(scene.student, scene.teacher, scene.batch).item()
    assert measured == pytest.approx(((rebuilt - t) ** 2).mean(), abs=TOLERANCE)


def test_factor_freezes_the_paraphraser_after_its_stage(scene):
    loss = scene.build("factor")
    loss.end_pretraining()
    trained = {name.split(".")[0] for name, parameter in loss.named_parameters() if parameter.requires_grad}
    assert trained == {"translator"}


def leading(x: np.ndarray, k: int) -> np.ndarray:
    """The k leading right singular vectors of [positions, channels], largest element positive: [channels, k]."""
    vectors = np.linalg.svd(x.reshape(len(x), -1).T)[2][:k].T
    return vectors * np.sign(vectors[np.abs(vectors).argmax(0), range(vectors.shape[1])])


def test_kdsvd(equal_scene):
    expected = 0.0
    for b in range(6):
        lower = None
        for s, t in stage_pairs(equal_scene):
            target, candidates = leading(t[b], 1), leading(s[b], 4)
            cosine = (candidates.T @ target)[:, 0]
            best = np.abs(cosine).argmax()
            picked = candidates[:, best] * np.sign(cosine[best])
            upper = picked, target[:, 0]
            if lower is not None:
                rbf = [np.exp(-((u[:, None] - v[None, :]) ** 2) / 8) for u, v in zip(upper, lower, strict=True)]
                expected += ((rbf[0] - rbf[1]) ** 2).sum() / 6
            lower = upper
    assert equal_scene.loss("kdsvd") == pytest.approx(expected, abs=TOLERANCE)


def test_reviewkd(scene):
    loss = scene.build("reviewkd", warmup=0)
    students = [*maps(scene.student.stages), scene.student.embedding.numpy()[:, :, None, None]]
    teachers = [*maps(scene.teacher.preactivations), scene.teacher.embedding.numpy()[:, :, None, None]]
    expected, deeper = 0.0, None
    for i in (2, 1, 0):
        weights = state(loss.fusions[i])
        x = conv(students[i], weights["enter.0.weight"])
        x = batchnorm(x, weights["enter.1.weight"], weights["enter.1.bias"])
        if deeper is not None:
            deeper = nearest(deeper, x.shape[2])
            z = conv(np.concatenate([x, deeper], 1), weights["weigh.0.weight"], weights["weigh.0.bias"])
            z = 1 / (1 + np.exp(-z))
            x = x * z[:, :1] + deeper * z[:, 1:]
        deeper = x = nearest(x, teachers[i].shape[2])
        guess = conv(x, weights["leave.0.weight"], pad=1)
        guess = batchnorm(guess, weights["leave.1.weight"], weights["leave.1.bias"])
        expected += context(guess, teachers[i])
    assert value(loss, scene) == pytest.approx(expected, abs=TOLERANCE)


def nearest(x: np.ndarray, size: int) -> np.ndarray:
    rows = [math.floor(j * x.shape[2] / size) for j in range(size)]
    return x[:, :, rows][:, :, :, rows]


def context(a: np.ndarray, b: np.ndarray) -> float:
    total, weight, weights = ((a - b) ** 2).mean(), 1.0, 1.0
    for size in (4, 2, 1):
        if size < a.shape[2]:
            weight /= 2
            weights += weight
            total += weight * ((pool(a, (size, size)) - pool(b, (size, size))) ** 2).mean()
    return float(total / weights)
