#!/usr/bin/env python3
"""Writes two tables from the chart: its values into charts/raycord/README.md, from the comments of
values.yaml, and the rights it grants into docs/operating.md.

    chart_tables.py            writes them
    chart_tables.py --check    exits 1 if one of them is another

Fails as well when values.yaml and values.schema.json know different values."""

import json
import os
import re
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
CHART = os.path.join(ROOT, "charts", "raycord")
BEGIN = "<!-- The table is written by scripts/chart_tables.py. -->"
END = "<!-- End of the table. -->"


def read(name):
    with open(os.path.join(CHART, name), encoding="utf-8") as file:
        return file.read()


def described_values(text):
    """(path, default, meaning) of each value with a comment that begins with two dashes."""
    found, meaning, path = [], [], []
    for line in text.splitlines():
        if comment := re.fullmatch(r" *# -- (.*)", line):
            meaning.append(comment[1])
            continue
        key = re.match(r"( *)([A-Za-z]+):(?: +(.*))?$", line)
        if key:
            path = path[:len(key[1]) // 2] + [key[2]]
            if meaning:
                found.append((".".join(path), key[3], " ".join(meaning)))
        meaning = []
    return found


def schema_paths(schema, path=()):
    """Of all values that the schema names, without those of KubeRay's chart."""
    for name, inner in schema["properties"].items():
        if "$comment" in inner or name == "global":
            continue
        if "properties" in inner and name not in ("resources",):
            yield from schema_paths(inner, (*path, name))
        else:
            yield ".".join((*path, name))


def table(values):
    lines = ["| value | default | meaning |", "| --- | --- | --- |"]
    for path, default, meaning in values:
        shown = "see `values.yaml`" if default is None else f"`{default}`"
        lines.append(f"| `{path}` | {shown} | {meaning} |")
    return "\n".join(lines)


def values_table():
    values = described_values(read("values.yaml"))
    here = {path for path, _, _ in values}
    schema = set(schema_paths(json.loads(read("values.schema.json"))))
    if here != schema:
        sys.exit("values.yaml and values.schema.json differ: only the first has "
                 f"{sorted(here - schema)}, only the second {sorted(schema - here)}")
    return table(values)


def rights_table():
    text = read(os.path.join("templates", "_helpers.tpl")).split('define "raycord.rules"')[1]
    rules = re.findall(r"(?:# (.*)\n)?- apiGroups: \[(.*)\]\n  resources: \[(.*)\]\n"
                       r"  verbs: \[(.*)\]", text)
    if len(rules) != text.count("apiGroups"):
        sys.exit("a rule in _helpers.tpl does not have the form of the others")
    lines = ["| resources | verbs | what for, if that is not plain |", "| --- | --- | --- |"]
    for meaning, group, resources, verbs in rules:
        names = ", ".join(f"`{name}`" for name in resources.split(", "))
        group = "" if group == '""' else f" ({group})"
        lines.append(f"| {names}{group} | {verbs} | {meaning.rstrip('.')} |".replace("|  |", "| |"))
    return "\n".join(lines)


def main():
    status = 0
    for path, written in (("charts/raycord/README.md", values_table()),
                          ("docs/operating.md", rights_table())):
        full = os.path.join(ROOT, path)
        with open(full, encoding="utf-8") as file:
            before = file.read()
        head, rest = before.split(BEGIN)
        after = f"{head}{BEGIN}\n\n{written}\n\n{END}{rest.split(END)[1]}"
        if after == before:
            continue
        if "--check" in sys.argv[1:]:
            print(f"the table in {path} is not what scripts/chart_tables.py writes")
            status = 1
            continue
        with open(full, "w", encoding="utf-8") as file:
            file.write(after)
    return status


if __name__ == "__main__":
    sys.exit(main())
