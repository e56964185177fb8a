"""What can be counted of KubeRay's own writes in the conversations recorded from it.

  kuberay_writes.py FIXTURES   (the folder with bootstrap-update-delete and the others)

A timeline holds each version of RayServices, RayClusters, pods, Services and Events that a watch
showed. Creations and deletions are counted by kind. Changes of a RayService or RayCluster are
writes of KubeRay, but for those that the user made; a write that changed nothing made no version
and cannot be counted, nor can what only the kubelet or only KubeRay changed of a pod be told
apart."""

import json
import os
import sys
from collections import Counter

# Scenario, phase, from and to in seconds: between them is nothing but what the user's edit caused.
PHASES = [
    ("bootstrap-update-delete", "bootstrap", 0, 5.5),
    ("bootstrap-update-delete", "in-place update", 5.5, 11),
    ("zero-downtime-upgrade", "upgrade", 6, 80),
]


def is_users(entry, before):
    """The user writes the spec: the generation rises, and no finalizer came."""
    return before is not None and entry["kind"] == "RayService" and \
        entry.get("generation") != before.get("generation") and \
        entry.get("finalizers") == before.get("finalizers")


def count(entries, begin, end):
    counts = Counter()
    latest = {}
    for entry in entries:
        key = (entry["kind"], entry["name"])
        before = latest.get(key)
        latest[key] = entry
        if not begin <= entry["t"] < end:
            continue
        kind = entry["kind"]
        if entry["type"] == "ADDED":
            if kind != "RayService":
                counts["create " + kind] += 1
        elif entry["type"] == "DELETED":
            if kind == "RayCluster":
                counts["delete " + kind] += 1
        elif kind in ("RayService", "RayCluster") and not is_users(entry, before):
            same = before is not None and entry.get("status") == before.get("status")
            counts["update " + kind + ("" if same else " status")] += 1
        elif kind in ("Service", "Event"):
            counts["update " + kind] += 1
    return counts


def main():
    for scenario, phase, begin, end in PHASES:
        with open(os.path.join(sys.argv[1], scenario, "timeline.json"), encoding="utf-8") as file:
            counts = count(json.load(file), begin, end)
        print(phase)
        for what in sorted(counts):
            print(f"  {what:28} {counts[what]:5}")


if __name__ == "__main__":
    main()
