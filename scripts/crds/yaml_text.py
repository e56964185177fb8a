"""Definitions as YAML: a named schema that occurs twice is written once, with an anchor."""

import json
import re

FLOW_MAX = 76  # Mappings and lists up to this width stand on one line.
PLAIN = re.compile(r"[A-Za-z_.][A-Za-z0-9_./$-]*( [A-Za-z0-9_./$-]+)*")
NOT_TEXT = {"true", "false", "null", "yes", "no", "on", "off", "y", "n"}


def scalar(value):
    if isinstance(value, str) and PLAIN.fullmatch(value) and value.lower() not in NOT_TEXT:
        return value
    return json.dumps(value, ensure_ascii=False)


def is_scalar(value):
    return not isinstance(value, (dict, list))


def flow(value):
    """On one line, or None when it is long or has a description."""
    if is_scalar(value):
        return scalar(value)
    inner = value.values() if isinstance(value, dict) else value
    parts = [flow(part) for part in inner]
    if "description" in value or None in parts:
        return None
    if isinstance(value, list):
        text = "[" + ", ".join(parts) + "]"
    else:
        text = "{" + ", ".join(f"{scalar(k)}: {part}" for k, part in zip(value, parts)) + "}"
    return text if len(text) <= FLOW_MAX else None


class Writer:
    def __init__(self, names):
        self.names = names
        self.uses = {}
        self.written = set()
        self.lines = []

    def count(self, value):
        if is_scalar(value):
            return
        self.uses[id(value)] = self.uses.get(id(value), 0) + 1
        if self.uses[id(value)] > 1:
            return
        for inner in value.values() if isinstance(value, dict) else value:
            self.count(inner)

    def is_shared(self, value):
        return (not is_scalar(value) and id(value) in self.names and self.uses[id(value)] > 1
                and flow(value) is None)

    def entry(self, start, value, indent):
        """`start` is "key:" or "-", already indented."""
        anchor = ""
        if self.is_shared(value):
            if id(value) in self.written:
                self.lines.append(f"{start} *{self.names[id(value)]}")
                return
            self.written.add(id(value))
            anchor = f" &{self.names[id(value)]}"
        on_one_line = flow(value)
        if on_one_line is not None:
            self.lines.append(f"{start} {on_one_line}")
        elif start.endswith("-") and not anchor and isinstance(value, dict):
            self.block(value, indent + 2, start + " ")
        else:
            self.lines.append(start + anchor)
            self.block(value, indent + 2)

    def block(self, value, indent, first=None):
        pad = " " * indent
        if isinstance(value, list):
            for inner in value:
                self.entry(f"{pad}-", inner, indent)
            return
        for key, inner in value.items():
            self.entry(f"{first or pad}{scalar(key)}:", inner, indent)
            first = None


def written(definition, names):
    writer = Writer(names)
    writer.count(definition)
    writer.block(definition, 0)
    return "\n".join(writer.lines) + "\n"
