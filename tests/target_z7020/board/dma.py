# SPDX-License-Identifier: Apache-2.0
"""A stand-in for the package ``pynq``: buffers, and one DMA engine that is as strict as the real one."""

from __future__ import annotations

import importlib.machinery
import sys
import types

import numpy as np

LONGEST = (1 << 26) - 1


class Buffer(np.ndarray):
    """What ``allocate`` gives: memory that has to be flushed before it is sent, and invalidated before it is read."""

    state = "fresh"

    def flush(self):
        self.state = "flushed"

    def invalidate(self):
        assert self.state == "received"
        self.state = "valid"

    def freebuffer(self):
        assert self.state != "freed"
        self.state = "freed"


def allocate(shape, dtype):
    made = np.full(shape, 0xDEAD, dtype).view(Buffer)
    made.state = "fresh"
    return made


class Channel:
    def __init__(self, engine, name):
        self.engine, self.name, self.running = engine, name, None

    def transfer(self, buffer, start=0, nbytes=0):
        assert self.running is None, f"{self.name} is busy"
        assert start == 0
        assert nbytes % 8 == 0
        assert 0 < nbytes <= LONGEST
        assert buffer.dtype == np.uint64
        self.running = (buffer, nbytes // 8)
        self.engine.started(self)

    def wait(self):
        assert self.running is not None, f"{self.name} is idle"
        self.engine.finish()
        self.running = None


class Engine:
    """``frames(words)`` turns bus words in, [N, in], into those that come out, [N, out]."""

    def __init__(self, frames, sizes):
        self.frames, self.sizes, self.transfers = frames, sizes, []
        self.sendchannel, self.recvchannel = Channel(self, "send"), Channel(self, "receive")
        self.pending = None

    def started(self, channel):
        if channel is not self.sendchannel:
            return
        assert self.recvchannel.running, "results would have nowhere to go"
        buffer, words = channel.running
        assert buffer.state == "flushed", "sent what may still be in the cache"
        # Memory is read while the transfer runs: what changes now would be sent.
        self.pending = (buffer, words, np.array(buffer).reshape(-1)[:words].copy())

    def finish(self):
        if self.pending is None:
            return
        buffer, words, sent = self.pending
        self.pending = None
        assert np.array_equal(np.array(buffer).reshape(-1)[:words], sent), "packed into a buffer that is being sent"
        target, room = self.recvchannel.running
        results = self.frames(sent.reshape(-1, self.sizes[0])).reshape(-1)
        assert room == len(results), "the transfer would not end"
        target.reshape(-1)[:room] = results
        target.state = "received"
        self.transfers.append(words // self.sizes[0])


def install(monkeypatch, engine):
    """Let ``import pynq`` find the stand-in."""
    module = types.ModuleType("pynq")
    module.__spec__ = importlib.machinery.ModuleSpec("pynq", None)
    module.allocate = allocate
    module.Overlay = lambda _bitstream: types.SimpleNamespace(dma=engine)
    monkeypatch.setitem(sys.modules, "pynq", module)
