# SPDX-License-Identifier: Apache-2.0
"""Operator domains: every one that is used is imported once, and QONNX's has one name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from drawplate.door.walk import bodies
from drawplate.graph.facts import LEGACY_DOMAINS, LEGACY_OPS, QONNX_DOMAIN, QUANT_DOMAINS, QUANT_OPS, STANDARD

if TYPE_CHECKING:
    from onnx import ModelProto

QKERAS_DOMAIN = "qonnx"
"""What QONNX's converter of QKeras models writes; scales there are settings of a layer, and no parameters."""


def mend_imports(proto: ModelProto) -> list[str]:
    """Rename legacy domains, import what is used, drop imports that are not; in place."""
    functions = {(function.domain, function.name) for function in proto.functions}
    renamed: set[str] = set()
    used: set[str] = set()
    settings: set[str] = set()
    changes = _own_name(proto)
    for body in bodies(proto):
        for node in body:
            foreign = node.domain in QUANT_DOMAINS and node.op_type in QUANT_OPS
            if foreign and (node.domain, node.op_type) not in functions:
                if node.domain == QKERAS_DOMAIN:
                    settings.update(node.input[1:])
                if node.domain in LEGACY_DOMAINS:
                    renamed.add(node.domain)
                    node.domain = QONNX_DOMAIN
                if node.op_type in LEGACY_OPS:
                    renamed.add(node.op_type)
                    node.op_type = LEGACY_OPS[node.op_type]
            used.add(node.domain)
    _fix_settings(proto, settings)
    changes += [f"{name} renamed to {LEGACY_OPS.get(name, QONNX_DOMAIN)}" for name in sorted(renamed)]
    return changes + _import(proto, used | {""})


def _own_name(proto: ModelProto) -> list[str]:
    """Write ONNX's own domain by its one usual name, which is none."""
    found = [node for body in bodies(proto) for node in body if node.domain in STANDARD and node.domain]
    for node in found:
        node.domain = ""
    for function in proto.functions:
        for entry in function.opset_import:
            entry.domain = "" if entry.domain in STANDARD else entry.domain
    return ["operators of ai.onnx written as ONNX's own"] if found else []


def _fix_settings(proto: ModelProto, names: set[str]) -> None:
    """Put initializers into Constant nodes: they are settings, which no training changes."""
    from onnx import helper

    for tensor in [tensor for tensor in proto.graph.initializer if tensor.name in names]:
        node = helper.make_node("Constant", [], [tensor.name], name=tensor.name, value=tensor)
        proto.graph.initializer.remove(tensor)
        proto.graph.node.insert(0, node)


def _import(proto: ModelProto, used: set[str]) -> list[str]:
    found: dict[str, int] = {}
    for entry in proto.opset_import:
        domain = "" if entry.domain in STANDARD else entry.domain
        found[domain] = max(found.get(domain, 0), entry.version)
    missing = sorted(used - set(found))
    unused = sorted(set(found) - used)
    named = all(entry.domain in found for entry in proto.opset_import)
    if not missing and not unused and named and len(found) == len(proto.opset_import):
        return []
    version = {"": _oldest_of(proto)}
    kept = {domain: found[domain] for domain in found if domain in used}
    kept |= {domain: version.get(domain, 1) for domain in missing}
    del proto.opset_import[:]
    for domain, number in kept.items():
        proto.opset_import.add(domain=domain, version=number)
    said = [f"import of {domain or 'ai.onnx'} added" for domain in missing]
    said += [] if named else ["import of ai.onnx written as ONNX's own"]
    return said + [f"unused import of {domain} dropped" for domain in unused]


def _oldest_of(proto: ModelProto) -> int:
    """Opset of a file that names none: that of its IR version, by ONNX's own table."""
    from onnx import helper

    opsets = [opset for _, ir, opset, *_ in helper.VERSION_TABLE if ir == proto.ir_version]
    return int(min(opsets, default=13))
