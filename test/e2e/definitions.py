"""The resource definitions on a real API server: what it makes of them, takes and refuses.

    definitions.py --directory DIR

DIR is a cluster with the definitions of charts/raycord/crds, and no operator in it."""

import argparse
import json
import os
import re
import subprocess
import sys

from cluster import Cluster, StoryFailed, expect, until

sys.dont_write_bytecode = True
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SCRIPTS = os.path.join(ROOT, "scripts")
sys.path.insert(0, SCRIPTS)

from crds import kubernetes, raycluster, rayservice  # noqa: E402

SAMPLES = ("rayservice.yaml", "rayservice.v1alpha1.yaml", "raycluster.yaml")
TEMPLATE_SPEC = "rayservice.spec.rayClusterConfig.headGroupSpec.template.spec"


def sample(name):
    with open(os.path.join(ROOT, "samples", name), encoding="utf-8") as file:
        return file.read()


def changed(text, old, new):
    expect(f"places in the sample with {old!r}", 1, text.count(old))
    return text.replace(old, new)


def difference(wanted, got, path):
    """Where the two differ first, and how; nothing when they do not."""
    if isinstance(wanted, dict) and isinstance(got, dict):
        pairs = [(key, wanted.get(key), got.get(key)) for key in sorted({*wanted, *got})]
    elif isinstance(wanted, list) and isinstance(got, list) and len(wanted) == len(got):
        pairs = [(index, *pair) for index, pair in enumerate(zip(wanted, got))]
    else:
        return "" if wanted == got else f"{path}: {str(wanted)[:200]}, but here {str(got)[:200]}"
    return next(filter(None, (difference(a, b, f"{path}.{key}") for key, a, b in pairs)), "")


class Definitions:
    def __init__(self, directory):
        self.cluster = Cluster(directory)
        with open(os.path.join(SCRIPTS, "crds", "kubernetes.json"), encoding="utf-8") as file:
            self.types = json.load(file)

    def create(self, manifest, *arguments):
        """(good, what kubectl said)."""
        code, text = self.cluster.kubectl("create", *arguments, "-f", "-", stdin=manifest,
                                          check=False)
        return code == 0, text

    def refused(self, manifest, said, *arguments):
        good, text = self.create(manifest, "--dry-run=server", *arguments)
        expect("refused", f"an error with {said!r}", text, lambda got: not good and said in got)

    def delete(self, manifest):
        self.cluster.kubectl("delete", "-f", "-", stdin=manifest)

    def check_generated(self):
        """The files are what scripts/make_crds.py makes of this API server's types."""
        version = json.loads(self.cluster.kubectl("get", "--raw", "/version"))
        here = f"{version['major']}.{version['minor']}"
        if here != self.types["kubernetes"]:
            print(f"SKIPPED: this is Kubernetes {here}, the definitions were made for "
                  f"{self.types['kubernetes']}")
            return
        done = subprocess.run(
            [sys.executable, os.path.join(SCRIPTS, "make_crds.py"), "--check", "--from-cluster",
             self.cluster.kubeconfig], capture_output=True, text=True, timeout=120)
        expect("make_crds.py --check --from-cluster", (0, "", ""),
               (done.returncode, done.stdout, done.stderr))

    def check_kept(self):
        """The API server keeps every word of them, and has nothing against their schemas."""
        for module in (raycluster, rayservice):
            wanted = module.definition(kubernetes.Types(self.types["types"]))
            got = self.cluster.get("crd", wanted["metadata"]["name"])
            for part, words in wanted["spec"].items():
                expect(wanted["metadata"]["name"], "no difference",
                       difference(words, got["spec"][part], f"spec.{part}") or "no difference")
            conditions = {c["type"]: c["status"] for c in got["status"]["conditions"]}
            expect("conditions", {"NamesAccepted": "True", "Established": "True"}, conditions)

    def check_applied(self):
        """They can be applied from either side."""
        folder = os.path.join(ROOT, "charts", "raycord", "crds")
        self.cluster.kubectl("apply", "-f", folder)
        text = self.cluster.kubectl("apply", "--server-side", "--force-conflicts", "-f", folder)
        expect("applied", 2, text.count("serverside-applied"))

    def check_explained(self):
        """kubectl explain knows our fields, and those of pods."""
        def explained(path):
            return self.cluster.kubectl("explain", path, check=False)[1]
        # The document that kubectl explain reads follows a new definition in a moment.
        until("explained", "the spec of a pod", lambda: explained(TEMPLATE_SPEC),
              lambda got: "containers\t<[]Object> -required-" in got and "tolerations" in got)
        for path, words in (
                ("rayservice.spec", "serveConfigV2\t<string>\n    Ray Serve's config"),
                ("raycluster.spec.workerGroupSpecs", "maxReplicas\t<integer> -required-"),
                (f"{TEMPLATE_SPEC}.containers.resources", "limits\t<map[string]Object>"),
                ("rayservice.spec.serveService.spec.ports", "targetPort"),
                ("raycluster.spec.networkPolicy.head.ingressRules.from", "podSelector"),
                ("raycluster.spec.upgradeStrategy", "enum: Recreate, None")):
            text = explained(path)
            expect(f"explain {path}", words, text, lambda got, words=words: words in got)

    def check_samples(self):
        """The samples of both versions pass the strictest validation."""
        for name in SAMPLES:
            manifest = sample(name)
            good, text = self.create(manifest, "--validate=strict")
            expect(f"{name} is created", True, good, lambda got, text=text: got or print(text))
            expect("a warning that v1alpha1 is deprecated", "v1alpha1" in name,
                   "deprecated; write apiVersion ray.io/v1 instead" in text)
            self.delete(manifest)

    def check_refused(self):
        """What cannot be right is refused, and the field is named."""
        service, cluster = sample("rayservice.yaml"), sample("raycluster.yaml")
        spec = "\nspec:\n"
        for manifest, old, new, said in (
                (service, "rayClusterConfig:", "rayClusterConfigs:",
                 "spec.rayClusterConfig: Required"),
                (service, "headGroupSpec:", "headGroupSpecs:",
                 "spec.rayClusterConfig.headGroupSpec: Required"),
                (cluster, "headGroupSpec:", "headGroupSpecs:", "spec.headGroupSpec: Required"),
                (cluster, "groupName: small-group", "groupNames: a", "groupName: Required"),
                (service, "minReplicas: 1", "minReplicas: one", "minReplicas: Invalid value"),
                (cluster, "name: ray-worker", "nome: ray-worker", "containers[0].name: Required"),
                (cluster, "- containerPort: 6379", "- containerPort: 8265",
                 "ports[1]: Duplicate value"),
                (service, spec, f"{spec}  rayClusterDeletionDelaySeconds: -1\n",
                 "spec.rayClusterDeletionDelaySeconds: Invalid value: -1"),
                (service, spec, f"{spec}  managedBy: somebody\n", "managedBy is ray.io/kuberay"),
                (cluster, spec, f"{spec}  managedBy: somebody\n", "managedBy is ray.io/kuberay"),
                (cluster, spec, f"{spec}  upgradeStrategy: {{type: Sometimes}}\n",
                 'Unsupported value: "Sometimes": supported values: "Recreate", "None"'),
                (cluster, spec, f"{spec}  autoscalerOptions: {{upscalingMode: Fast}}\n",
                 'Unsupported value: "Fast"'),
                (cluster, spec, f"{spec}  authOptions: {{mode: open}}\n",
                 'Unsupported value: "open"'),
                (cluster, spec, f"{spec}  gcsFaultToleranceOptions: {{backend: etcd}}\n",
                 'Unsupported value: "etcd"')):
            self.refused(changed(manifest, old, new), said, "--validate=ignore")
        old = sample("rayservice.v1alpha1.yaml")
        self.refused(old.replace("rayStartParams:", "rayStartParam:"), "rayStartParams: Required",
                     "--validate=ignore")

    def check_unknown(self):
        """Unknown fields: an error when asked so, else a warning, and they are gone."""
        name = "- name: ray-head\n"
        manifest = changed(sample("raycluster.yaml"), name, f"{name}            imoge: x\n")
        field = "spec.headGroupSpec.template.spec.containers[0].imoge"
        self.refused(manifest, f'unknown field "{field}"', "--validate=strict")
        good, text = self.create(manifest, "--validate=warn")
        expect("created with a warning", True, good and f'unknown field "{field}"' in text)
        stored = self.cluster.get("raycluster", "raycluster-sample")
        container = stored["spec"]["headGroupSpec"]["template"]["spec"]["containers"][0]
        expect("pruned", False, "imoge" in container)
        self.delete(manifest)

    def check_stored(self):
        """Defaults are added, and the metadata inside keeps what operators read."""
        manifest = changed(
            sample("raycluster.yaml"), "    template:\n      spec:\n        containers:\n          "
            "- name: ray-head",
            "    headService:\n      metadata: {generateName: a, labels: {a: b}}\n"
            "      spec: {ports: [{port: 80, targetPort: web}]}\n"
            "    template:\n"
            "      metadata: {generateName: a, labels: {a: b}, finalizers: [a.b/c]}\n"
            "      spec:\n        containers:\n          - name: ray-head")
        self.create(manifest, "--validate=ignore")
        spec = self.cluster.get("raycluster", "raycluster-sample")["spec"]
        head, group = spec["headGroupSpec"], spec["workerGroupSpecs"][0]
        expect("metadata of the template", {"labels": {"a": "b"}, "finalizers": ["a.b/c"]},
               head["template"]["metadata"])
        expect("metadata of the Service", {"labels": {"a": "b"}}, head["headService"]["metadata"])
        expect("a port of the Service", {"port": 80, "targetPort": "web", "protocol": "TCP"},
               head["headService"]["spec"]["ports"][0])
        expect("protocols of the head's ports", {"TCP"}, {
            port["protocol"] for port in head["template"]["spec"]["containers"][0]["ports"]})
        expect("hosts and priority of a group", (1, 0), (group["numOfHosts"], group["priority"]))
        self.delete(manifest)

    def check_versions(self):
        """v1alpha1 shows, and takes, what it always had."""
        manifest = changed(sample("rayservice.yaml"), "\nspec:\n",
                           "\nspec:\n  suspend: true\n  managedBy: ray.io/kuberay-operator\n")
        self.create(manifest)
        old = self.cluster.get("rayservices.v1alpha1.ray.io", "rayservice-sample")
        expect("fields of spec in v1alpha1",
               ["deploymentUnhealthySecondThreshold", "rayClusterConfig", "serveConfigV2",
                "serviceUnhealthySecondThreshold"], sorted(old["spec"]))
        code, text = self.cluster.kubectl(
            "patch", "rayservice", "rayservice-sample", "--type=merge", "-p",
            '{"spec":{"managedBy":"kueue.x-k8s.io/multikueue"}}', check=False)
        expect("another managedBy", "an error", (code, text),
               lambda got: got[0] != 0 and "managedBy cannot be changed" in got[1])
        self.delete(manifest)

    def check_columns(self):
        """kubectl get shows the columns that scripts count on."""
        service, cluster = sample("rayservice.yaml"), sample("raycluster.yaml")
        self.create(service)
        self.create(cluster)
        self.cluster.kubectl(
            "patch", "rayservice", "rayservice-sample", "--subresource=status", "--type=merge",
            "-p", '{"status":{"serviceStatus":"Running","numServeEndpoints":2}}')
        self.cluster.kubectl(
            "patch", "raycluster", "raycluster-sample", "--subresource=status", "--type=merge",
            "-p", json.dumps({"status": {
                "desiredWorkerReplicas": 3, "availableWorkerReplicas": 2, "desiredCPU": "4",
                "desiredMemory": "6Gi", "desiredGPU": "1", "desiredTPU": "0", "state": "ready",
                "head": {"podIP": "10.64.0.1", "serviceIP": "10.0.0.1"}}}))

        def row(*arguments):
            header, rows = self.cluster.table(*arguments)
            return dict(zip(header, rows[0]))
        expect("RayService", {"NAME": "rayservice-sample", "SERVICE STATUS": "Running",
                              "NUM SERVE ENDPOINTS": "2"}, row("rayservice"))
        narrow = {"NAME": "raycluster-sample", "DESIRED WORKERS": "3", "AVAILABLE WORKERS": "2",
                  "CPUS": "4", "MEMORY": "6Gi", "GPUS": "1", "STATUS": "ready"}
        wide = {**narrow, "TPUS": "0", "HEAD POD IP": "10.64.0.1", "HEAD SERVICE IP": "10.0.0.1"}
        for arguments, columns in (
                (["raycluster"], narrow), (["raycluster", "-o", "wide"], wide),
                (["rayclusters.v1alpha1.ray.io", "-o", "wide"], wide)):
            got = row(*arguments)
            age = got.pop("AGE", "none")
            expect("an age", "seconds", age, lambda found: re.fullmatch(r"\d+s", found))
            expect(f"kubectl get {' '.join(arguments)}", columns, got)
        text = self.cluster.kubectl("get", "all")
        expect("kubectl get all", "both", text,
               lambda got: "rayservice.ray.io/" in got and "raycluster.ray.io/" in got)
        self.delete(service)
        self.delete(cluster)

    def run(self):
        for check in (self.check_generated, self.check_applied, self.check_kept,
                      self.check_explained, self.check_samples, self.check_refused,
                      self.check_unknown, self.check_stored, self.check_versions,
                      self.check_columns):
            try:
                check()
            except StoryFailed as failure:
                print(f"FAILED  {check.__doc__}\n{failure}", flush=True)
                return 1
            print(f"ok  {check.__doc__}", flush=True)
        return 0


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--directory", required=True)
    return Definitions(parser.parse_args().directory).run()


if __name__ == "__main__":
    sys.exit(main())
