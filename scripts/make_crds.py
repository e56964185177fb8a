#!/usr/bin/env python3
"""Writes the resource definitions of the chart, charts/raycord/crds.

    make_crds.py                             writes them
    make_crds.py --check                     says what writing would change, and exits 1 if anything
    make_crds.py --from-cluster KUBECONFIG   first takes Kubernetes' own types anew from its API
                                             server; with --check: compares those too

Our fields are in crds/raycluster.py and crds/rayservice.py, with types, defaults, rules and
descriptions. The types of Kubernetes (pod templates, Services, ...) come from the OpenAPI document
of an API server, cut down to what a definition needs in crds/kubernetes.json, so that nobody needs
a cluster to change a field of ours.

Their descriptions are left out: a client-side `kubectl apply` can take 256 KiB, and without them a
definition has nearly that much. `kubectl explain` shows our fields with descriptions, and below a
pod template all fields with their types; what they mean says `kubectl explain pod.spec`. Their
enums are left out too: a newer Kubernetes may know one value more, and the API server judges pods
anyway when they are made. So are lists marked atomic, which they are without a mark.

Needs nothing but Python 3.9, and kubectl for --from-cluster."""

import argparse
import json
import os
import subprocess
import sys

sys.dont_write_bytecode = True  # Nothing is left in the source tree.

from crds import kubernetes, raycluster, rayservice, yaml_text  # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))
TYPES = os.path.join(HERE, "crds", "kubernetes.json")
CRDS = os.path.join(os.path.dirname(HERE), "charts", "raycord", "crds")
# A client-side apply keeps the whole object in an annotation; annotations have 256 KiB in sum.
APPLIED_MAX = 256 * 1024


def ask(kubeconfig, path):
    command = ["kubectl", "--kubeconfig", kubeconfig, "get", "--raw", path]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True,
                                     timeout=60).stdout)


def types_of_cluster(kubeconfig):
    """The text of crds/kubernetes.json, from a running API server."""
    schemas = {}
    for path in kubernetes.DOCUMENTS:
        schemas.update(ask(kubeconfig, path)["components"]["schemas"])
    version = ask(kubeconfig, "/version")
    return kubernetes.cut_down(f"{version['major']}.{version['minor']}", schemas)


def files(types):
    """(path, text) of each definition."""
    pods = kubernetes.Types(json.loads(types)["types"])
    for module in (raycluster, rayservice):
        definition = module.definition(pods)
        size = len(json.dumps(definition, separators=(",", ":")))
        if size > APPLIED_MAX:
            sys.exit(f"{definition['metadata']['name']} has {size} bytes; `kubectl apply` takes "
                     f"{APPLIED_MAX}")
        path = os.path.join(CRDS, f"ray.io_{definition['spec']['names']['plural']}.yaml")
        yield path, module.ABOUT + yaml_text.written(definition, pods.names())


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--from-cluster", metavar="KUBECONFIG")
    options = parser.parse_args()

    with open(TYPES, encoding="utf-8") as file:
        types = file.read()
    wanted = []
    if options.from_cluster:
        types = types_of_cluster(options.from_cluster)
        wanted.append((TYPES, types))
    wanted += files(types)

    different = 0
    for path, text in wanted:
        before = open(path, encoding="utf-8").read() if os.path.exists(path) else ""
        name = os.path.relpath(path, os.path.dirname(HERE))
        if text == before:
            continue
        different += 1
        if options.check:
            print(f"{name} is not what scripts/make_crds.py writes")
            continue
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        print(f"written: {name}, {len(text)} bytes")
    return 1 if options.check and different else 0


if __name__ == "__main__":
    sys.exit(main())
