"""The chart's objects in a cluster: what the operator may do with them, and how it is started.

    chart.py --directory DIR --statefulset NAMESPACE/NAME [--upgraded FLAG | --uninstalled]

checks the pod against the Pod Security Standard `restricted`, which the namespace enforces, and the
rights of its ServiceAccount; or that an upgrade reached the pod; or what an uninstall left.
`Installed` is for the story, whose operator runs outside a pod."""

import argparse
import json
import os
import sys
from functools import partial

from cluster import Cluster, StoryFailed, expect, until

HERE = os.path.dirname(os.path.abspath(__file__))
GOLDEN = os.path.join(os.path.dirname(HERE), "chart", "golden")
WATCHED = "default"  # A namespace that the operator watches in every set of values.
AUTOSCALER_ROLE = {
    "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role",
    "metadata": {"name": "autoscaler", "namespace": WATCHED},
    "rules": [
        {"apiGroups": [""], "resources": ["pods"], "verbs": ["get", "list", "watch", "patch"]},
        {"apiGroups": [""], "resources": ["pods/resize"], "verbs": ["patch"]},
        {"apiGroups": ["ray.io"], "resources": ["rayclusters"], "verbs": ["get", "patch"]},
    ],
}
# What a stolen token of the operator must not be good for.
FORBIDDEN = ("list secrets", "watch secrets", "delete secrets", "update secrets",
             "create pods/exec", "create deployments.apps", "deletecollection pods",
             "delete serviceaccounts", "update roles.rbac.authorization.k8s.io",
             "escalate roles.rbac.authorization.k8s.io",
             "bind roles.rbac.authorization.k8s.io", "create rayservices.ray.io",
             "delete rayservices.ray.io", "create pods/proxy", "create services/proxy")


class Installed:
    """A StatefulSet of the chart, and the process that stands for its pod."""

    def __init__(self, cluster, path):
        self.cluster = cluster
        self.namespace, self.name = path.split("/")
        self.object = json.loads(cluster.kubectl("get", "statefulset", self.name, "-n",
                                                 self.namespace, "-o", "json"))
        self.template = self.object["spec"]["template"]["spec"]
        self.account = self.template["serviceAccountName"]
        self.user = f"system:serviceaccount:{self.namespace}:{self.account}"

    def pod(self):
        text = self.cluster.kubectl("get", "pod", f"{self.name}-0", "-n", self.namespace,
                                    "--ignore-not-found", "-o", "json")
        return json.loads(text) if text.strip() else None

    def kubeconfig(self):
        """Written anew: the API server as the pod would see it, with the ServiceAccount's token."""
        token = self.cluster.kubectl("create", "token", self.account, "-n", self.namespace).strip()
        config = json.loads(self.cluster.kubectl("config", "view", "--raw", "-o", "json"))
        config["users"][0]["user"] = {"token": token}
        path = os.path.join(self.cluster.directory, "kubeconfig-account")
        with open(path, "w", encoding="utf-8") as file:
            json.dump(config, file)
        return path

    def arguments(self, log):
        """The container's, with a log directory that is there."""
        container = self.template["containers"][0]
        expect("the command", ["raycord-operator"], container["command"])
        given = container["args"]
        expect("arguments with --log-dir", 1, sum(a.startswith("--log-dir=") for a in given))
        return [f"--log-dir={log}" if a.startswith("--log-dir=") else a for a in given]

    def environment(self):
        given = {variable["name"]: variable["value"]
                 for variable in self.template["containers"][0]["env"] if "value" in variable}
        given.pop("RAYCORD_LOG")
        return {**given, "POD_UID": self.pod()["metadata"]["uid"]}


class Checks:
    def __init__(self, installed):
        self.installed = installed
        self.cluster = installed.cluster

    def check_admitted(self):
        """The namespace enforces the standard `restricted`, and the pod was made there."""
        namespace = self.installed.namespace
        code, text = self.cluster.kubectl("run", "careless", "--image=x", "-n", namespace,
                                          "--dry-run=server", check=False)
        expect("a pod that meets no standard", "refused", (code, text),
               lambda got: got[0] != 0 and 'violates PodSecurity "restricted' in got[1])
        until(f"pod {self.installed.name}-0 is ready", "True", lambda: next(
            (c["status"] for c in ((self.installed.pod() or {}).get("status", {})
                                   .get("conditions", [])) if c["type"] == "Ready"), None))
        claims = self.cluster.kubectl("get", "pvc", "-n", namespace, "-o", "name").split()
        expect("claims for the log", [f"persistentvolumeclaim/log-{self.installed.name}-0"], claims)

    def can(self, verb, resource, namespace):
        resource, _, subresource = resource.partition("/")
        return self.cluster.kubectl("auth", "can-i", verb, resource, "--subresource", subresource,
                                    "-n", namespace, "--as", self.installed.user,
                                    check=False)[1].split()[-1]

    def check_rights(self):
        """The ServiceAccount cannot do what the operator never does."""
        proxied = "--use-kubernetes-proxy=true" in self.installed.arguments("")
        for right, granted in (("get secrets", True), ("patch pods/resize", True),
                               ("get pods/proxy", proxied), ("update services/proxy", proxied)):
            expect(f"can it {right}", "yes" if granted else "no",
                   self.can(*right.split(), WATCHED))
        for namespace in (WATCHED, self.installed.namespace, "kube-system"):
            allowed = [f"{verb} {resource} in {namespace}" for verb, resource in
                       (words.split() for words in FORBIDDEN)
                       if self.can(verb, resource, namespace) != "no"]
            expect("rights that it should not have", [], allowed)

    def check_grants(self):
        """It can give Ray's autoscaler its Role, and no Role with more than it has."""
        def create(rules):
            role = {**AUTOSCALER_ROLE, "rules": rules}
            return self.cluster.kubectl("create", "--dry-run=server", "--as", self.installed.user,
                                        "-f", "-", stdin=json.dumps(role), check=False)
        code, text = create(AUTOSCALER_ROLE["rules"])
        expect("the autoscaler's Role is made", 0, code, lambda got: got == 0 or print(text))
        more = {"apiGroups": [""], "resources": ["secrets"], "verbs": ["list"]}
        code, text = create(AUTOSCALER_ROLE["rules"] + [more])
        expect("a Role with more", "refused", (code, text),
               lambda got: got[0] != 0 and "attempting to grant RBAC permissions" in got[1])

    def check_golden(self):
        """The objects of all sets of values are right in the API server's eyes."""
        for name in sorted(os.listdir(GOLDEN)):
            with open(os.path.join(GOLDEN, name), encoding="utf-8") as file:
                objects = file.read().split("\n---\n")
            # The definition of a ServiceMonitor is not ours to bring.
            known = [text for text in objects if "\nkind: ServiceMonitor\n" not in text]
            code, text = self.cluster.kubectl(
                "apply", "--dry-run=server", "--validate=strict", "-f", "-", check=False,
                stdin="\n---\n".join(known))
            expect(f"{name} is taken", 0, code, lambda got, text=text: got == 0 or print(text))

    def checks(self):
        return (self.check_admitted, self.check_rights, self.check_grants, self.check_golden)


def check_upgraded(installed, flag):
    """helm upgrade replaces the pod by one with the new flag."""
    until("flags of the pod", flag, lambda: (installed.pod() or {}).get("spec", {}).get(
        "containers", [{}])[0].get("args", []), lambda got: flag in got)


def check_uninstalled(cluster, namespace, name):
    """helm uninstall leaves the definitions and the log's volume, and nothing else."""
    kinds = "statefulsets,pods,services,serviceaccounts,roles,rolebindings"
    until("what is left of the chart", "", lambda: cluster.kubectl(
        "get", kinds, "-A", "-l", "helm.sh/chart", "-o", "name"))
    until("and in the cluster", "", lambda: cluster.kubectl(
        "get", "clusterroles,clusterrolebindings", "-l", "helm.sh/chart", "-o", "name"))
    for kind, left in (("crd", "rayservices.ray.io"), ("crd", "rayclusters.ray.io"),
                       ("pvc", f"log-{name}-0")):
        cluster.kubectl("get", kind, left, "-n", namespace)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--directory", required=True)
    parser.add_argument("--statefulset", required=True)
    parser.add_argument("--upgraded", metavar="FLAG")
    parser.add_argument("--uninstalled", action="store_true")
    options = parser.parse_args()
    cluster = Cluster(options.directory)
    if options.uninstalled:
        checks = [partial(check_uninstalled, cluster, *options.statefulset.split("/"))]
    elif options.upgraded:
        checks = [partial(check_upgraded, Installed(cluster, options.statefulset),
                          options.upgraded)]
    else:
        checks = Checks(Installed(cluster, options.statefulset)).checks()
    for check in checks:
        words = (check.func if isinstance(check, partial) else check).__doc__
        try:
            check()
        except StoryFailed as failure:
            print(f"FAILED  {words}\n{failure}", flush=True)
            return 1
        print(f"ok  {words}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
