# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: TID253
"""The weights of a module from a checkpoint: a state dict in a file of torch's or of safetensors'."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import torch
from torch import Tensor, nn

from drawplate.errors import ModelError, nearest

NESTED: Final = ("state_dict", "model_state_dict", "model", "module", "net", "ema", "state")
"""Where training scripts keep the state dict in a file with more in it."""
PREFIXES: Final = ("module.", "model.", "net.", "network.", "_orig_mod.")
"""What DataParallel, Lightning and ``torch.compile`` put before every name."""
SAFE: Final = ".safetensors"


def load_weights(module: nn.Module, path: Path, may_lack: Callable[[str], bool] = lambda _: False) -> tuple[str, ...]:
    """Load a checkpoint into a module, and say what has to be said of it.

    The file holds a state dict, or a dictionary with one under a usual name; a prefix that all names share and the
    module does not know is left out.  Every entry of the module has to be there, in its shape, and nothing else.
    Nothing in the file is executed.

    Args:
        module: as its factory made it.
        path: a file of ``torch.save`` or of safetensors.
        may_lack: tells of a name whether it may be absent.

    Raises:
        ModelError: when the file cannot be read, or its names or shapes are others.
    """
    state = _without_prefix(_state_dict(_read(path), path), module)
    _check_shapes(state, module, path)
    try:
        found = module.load_state_dict(state, strict=False)
    except Exception as error:  # load hooks of layers raise what they like
        raise ModelError(f"cannot be loaded: {_first_line(error)}", where=str(path)) from error
    lacking = [name for name in found.missing_keys if may_lack(name)]
    missing = [name for name in found.missing_keys if name not in lacking]
    if missing or found.unexpected_keys:
        raise _other_names(path, missing, found.unexpected_keys)
    return (f"{path.name} has no ranges of {len(lacking)} quantizers: they start anew",) if lacking else ()


def _read(path: Path) -> Any:
    if not path.is_file():
        raise ModelError("there is no such file", where=f"weights = {str(path)!r}", hint="weights names a checkpoint")
    try:
        if path.suffix == SAFE:
            from safetensors.torch import load_file

            return load_file(path)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # pickles, archives and safetensors each raise their own
        pickled = "weights_only" in str(error) or "Unsupported" in str(error)
        what = "holds more than tensors" if pickled else f"cannot be read: {_first_line(error)}"
        raise ModelError(
            what,
            where=str(path),
            allowed="a state dict saved by torch.save, or a .safetensors file",
            hint="torch.save(model.state_dict(), path)",
        ) from error


def _state_dict(content: Any, path: Path) -> Mapping[str, Tensor]:
    for _ in range(len(NESTED)):
        if not isinstance(content, Mapping):
            break
        if content and all(isinstance(value, Tensor) for value in content.values()):
            return content
        key = next((key for key in NESTED if isinstance(content.get(key), Mapping)), None)
        if key is None:
            break
        content = content[key]
    found = ", ".join(map(str, content)) if isinstance(content, Mapping) else type(content).__name__
    raise ModelError(
        f"holds no state dict, but {found[:200] or 'nothing'}",
        where=str(path),
        allowed=f"a state dict, or a dictionary with one under {', '.join(NESTED)}",
        hint="torch.save(model.state_dict(), path)",
    )


def _without_prefix(state: Mapping[str, Tensor], module: nn.Module) -> dict[str, Tensor]:
    """Leave out prefixes that every name has and no name of the module."""
    names, kept = tuple(module.state_dict()), dict(state)
    for _ in range(len(PREFIXES)):
        for prefix in PREFIXES:
            foreign = not any(name.startswith(prefix) for name in names)
            if kept and foreign and all(name.startswith(prefix) for name in kept):
                kept = {name.removeprefix(prefix): value for name, value in kept.items()}
    return kept


def _check_shapes(state: Mapping[str, Tensor], module: nn.Module, path: Path) -> None:
    own = module.state_dict()
    for name, value in state.items():
        if name in own and own[name].shape != value.shape and own[name].numel() != value.numel():
            raise ModelError(
                f"{name!r} has shape {list(value.shape)}",
                where=str(path),
                allowed=f"{list(own[name].shape)}, as in the module",
                hint="give the factory the arguments that the checkpoint was trained with",
            )


def _other_names(path: Path, missing: list[str], unexpected: list[str]) -> ModelError:
    parts = [
        f"{word} {len(names)} entries: {', '.join(names[:3])}{' ...' if len(names) > 3 else ''}"
        for word, names in (("lacks", missing), ("has unknown", unexpected))
        if names
    ]
    return ModelError(
        "; ".join(parts),
        where=str(path),
        meant=nearest(missing[0], unexpected) if missing else None,
        hint="it has to be the state dict of the very module that the factory returns",
    )


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
