"""Taking over from KubeRay and giving back, on a real API server, with KubeRay's own operator.

    takeover.py --directory DIR --operator PATH --raycord PATH --kuberay PATH
                --statefulset NS/NAME

As story.py: inside the world's network namespace, with flags and rights of the chart's StatefulSet.
KubeRay's operator makes things, Raycord takes them over, KubeRay gets them back; then both ways in
the middle of an upgrade. One operator runs at a time, and nothing may notice who."""

import argparse
import json
import os
import subprocess
import sys
import time

from chart import Installed
from cluster import (Cluster, Operator, Requests, StoryFailed, Witness, expect, http_call, stays,
                     until)
from raycluster_steps import manifest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SERVICE = "rayservice-sample"
SERVE_HOST = f"{SERVICE}-serve-svc.default.svc.cluster.local"
DELETION_DELAY_SECONDS = 3
MANGO = '["MANGO", 2]'
QUIET_SECONDS = 3  # Longer than Raycord's first look at everything, and a pass of KubeRay.
# What a takeover must leave as it is: made once, by whoever was there first.
KEPT = ("rayservices,rayclusters,pods,services,endpointslices,serviceaccounts,roles,rolebindings,"
        "jobs,ingresses,secrets")
CLUSTERS = {
    "scaled": {"enableInTreeAutoscaling": True},
    "anew": {"upgradeStrategy": {"type": "Recreate"}},
    "asleep": {"suspend": True},
    "slices": {"hosts": 2},
    "kept": {"gcsFaultToleranceOptions": {"redisAddress": "redis:6379"}},
    "open": {"head": {"enableIngress": True}, "authOptions": {"mode": "token"},
             "annotations": {"ray.io/enable-serve-service": "true"}},
}
# A RayService whose traffic comes by a Service of its user's.
OTHER_SPEC = """
spec:
  excludeHeadPodFromServeSvc: true
  upgradeStrategy: {type: None}
  serveService:
    metadata: {name: custom-serve, labels: {team: fruit}}
    spec: {type: NodePort, ports: [{name: serve, port: 9000, targetPort: 8000}]}
"""
NAME = "kuberay-operator"
DEPLOYMENT = {
    "apiVersion": "apps/v1", "kind": "Deployment",
    "metadata": {"name": NAME, "namespace": "ray-system",
                 "labels": {"app.kubernetes.io/component": NAME}},
    "spec": {"selector": {"matchLabels": {"a": "b"}}, "template": {
        "metadata": {"labels": {"a": "b"}},
        "spec": {"containers": [{"name": "operator", "image": "x"}]}}},
}
WEBHOOK = {
    "apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingWebhookConfiguration",
    "metadata": {"name": NAME},
    "webhooks": [{"name": "vraycluster.kb.io", "failurePolicy": "Fail", "sideEffects": "None",
                  "admissionReviewVersions": ["v1"],
                  # Of no version that anybody writes, so that it blocks nothing here.
                  "rules": [{"apiGroups": ["ray.io"], "apiVersions": ["v9"],
                             "operations": ["CREATE"], "resources": ["rayclusters"]}],
                  "clientConfig": {"service": {"namespace": "ray-system", "name": "nobody"}}}],
}


def changed(text, old, new):
    expect(f"places in the sample with {old!r}", 1, text.count(old))
    return text.replace(old, new)


class Takeover:
    def __init__(self, options):
        self.cluster = Cluster(options.directory)
        self.directory = options.directory
        self.options = options
        self.log = os.path.join(options.directory, "takeover-log")
        installed = Installed(self.cluster, options.statefulset)
        self.kubeconfig = installed.kubeconfig()
        self.namespace = installed.namespace
        self.user = installed.user
        self.arguments = installed.arguments(self.log)
        self.raycord = Operator(
            [options.operator, *self.arguments, "--kubeconfig", self.kubeconfig],
            installed.environment(), options.directory)
        self.kuberay = None
        with open(os.path.join(ROOT, "samples", "rayservice.yaml"), encoding="utf-8") as file:
            self.manifest = changed(
                file.read(), "\nspec:\n",
                f"\nspec:\n  rayClusterDeletionDelaySeconds: {DELETION_DELAY_SECONDS}\n")
        self.other = changed(self.manifest, f"name: {SERVICE}", "name: other")
        self.other = changed(self.other, "\nspec:\n", OTHER_SPEC)
        self.lease_namespaces = iter(("default", "team-a", "kube-public", "kube-node-lease"))
        self.witness = None
        self.requests = None
        self.before = {}

    # What the steps look at.

    def status(self):
        return (self.cluster.get("rayservice", SERVICE) or {}).get("status", {})

    def running(self):
        """Names of the active and the pending RayCluster, and the word for all."""
        status = self.status()
        return [status.get(f"{part}ServiceStatus", {}).get("rayClusterName")
                for part in ("active", "pending")] + [status.get("serviceStatus")]

    def selected(self):
        return [self.cluster.get("service", f"{SERVICE}-{part}-svc")["spec"]["selector"].get(
            "ray.io/cluster") for part in ("head", "serve")]

    def objects(self):
        """UID of each object, and how often each pod's containers were restarted."""
        found = {}
        for item in self.cluster.items(KEPT):
            meta = item["metadata"]
            if "helm.sh/chart" in meta.get("labels", {}):
                continue
            restarts = [c["restartCount"] for c in item.get("status", {}).get(
                "containerStatuses", [])] if item["kind"] == "Pod" else []
            found[f"{item['kind']}/{meta['name']}"] = [meta["uid"], *restarts]
        return found

    def answer(self, path="/fruit/"):
        try:
            status, text = http_call(SERVE_HOST, 8000, "POST", path, MANGO)
        except OSError as error:
            return repr(error)
        return text if status == 200 else f"{status} {text}"

    def edit(self, old, new):
        self.manifest = changed(self.manifest, old, new)
        self.cluster.apply(self.manifest)

    def observed(self):
        service = self.cluster.get("rayservice", SERVICE)
        return service["status"].get("observedGeneration") == service["metadata"]["generation"]

    def holder(self, namespace):
        return self.cluster.kubectl(
            "get", "lease", "ray-operator-leader", "-n", namespace, "--ignore-not-found", "-o",
            "jsonpath={.spec.holderIdentity}")

    def start_kuberay(self, namespace=None):
        """With a Lease that nobody holds, unless a namespace is given."""
        namespace = namespace or next(self.lease_namespaces)
        before = self.holder(namespace)
        self.kuberay = Operator(
            [self.options.kuberay, "--leader-election-namespace", namespace, "--metrics-addr", "0",
             "--health-probe-bind-address", "0"],
            {"KUBECONFIG": os.path.join(self.directory, "kubeconfig-operator"),
             "ENABLE_RAY_HEAD_CLUSTER_IP_SERVICE": "true"}, self.directory)
        self.kuberay.start()
        until("KubeRay leads", "its Lease is held", lambda: self.holder(namespace),
              lambda got: got not in ("", before), seconds=40)

    def start_raycord(self):
        self.raycord.start()
        self.until_leading(True)

    def until_leading(self, leading):
        def leads():
            expect("Raycord runs", None, self.raycord.ended())
            try:
                text = http_call("127.0.0.1", 8080, "GET", "/metrics")[1]
                return "\nraycord_leading 1\n" in text
            except OSError:
                return None
        until("Raycord leads", leading, leads, seconds=40)

    def nothing_happened(self, what, seconds=QUIET_SECONDS):
        stays(f"objects, their UIDs and restarts {what}", self.before, self.objects, seconds)
        self.all_was_well(what)

    def all_was_well(self, when):
        expect(f"a status that is less than well {when}", [], self.witness.complaints)
        expect("the witness watches", False, self.witness.ended())

    # The steps.

    def step_make(self):
        """KubeRay's operator makes a RayService and RayClusters of several shapes."""
        # In one namespace with Raycord, so that they hand the Lease to each other.
        self.start_kuberay(self.namespace)
        self.cluster.apply(self.manifest)
        self.cluster.apply(self.other)
        for name, spec in CLUSTERS.items():
            self.cluster.apply(manifest(name, **spec))
        until("the RayServices run", ["Running", "Running"], lambda: [
            item.get("status", {}).get("serviceStatus")
            for item in self.cluster.items("rayservices")])
        until("all RayClusters are ready, or suspended", {"ready", "suspended"}, lambda: {
            item.get("status", {}).get("state") for item in self.cluster.items("rayclusters")})
        until("two mangos", "6", self.answer)
        self.active = self.running()[0]
        self.requests = Requests(SERVE_HOST, "/fruit/", MANGO)
        self.requests.start()
        self.witness = Witness(self.cluster)
        until("the witness has seen all of them well",
              sorted(name for name in self.objects() if name.startswith("Ray")),
              lambda: sorted(self.witness.well))

    def dry_run(self, kubeconfig):
        """Exit code and report of `adopt --dry-run`."""
        done = subprocess.run(
            [self.options.operator, "adopt", "--dry-run", "-o", "json", *self.arguments,
             "--kubeconfig", kubeconfig], capture_output=True, text=True, timeout=60)
        if not done.stdout:
            raise StoryFailed(f"adopt --dry-run\n  {done.stderr}")
        return done.returncode, json.loads(done.stdout)

    def step_dry_run_warns(self):
        """The dry run stops on a webhook without a backend, and names KubeRay's Deployment."""
        expect("KubeRay ends", 0, self.kuberay.stop())
        self.before = self.objects()
        self.cluster.kubectl("create", "-f", "-", stdin=json.dumps(DEPLOYMENT))
        self.cluster.kubectl("create", "-f", "-", stdin=json.dumps(WEBHOOK))
        code, report = self.dry_run(self.cluster.kubeconfig)
        for part in (f"delete validatingwebhookconfiguration {NAME}",
                     f"delete deployment {NAME} -n ray-system"):
            self.cluster.kubectl(*part.split())
        expect("its verdict", [3, "breaks"], [code, report["verdict"]])
        found = {f["weight"]: f["text"] for f in reversed(report["findings"])}
        expect("the webhook", "without a pod", found.get("breaks"),
               lambda got: f"of {NAME}" in got and "no pod behind its Service" in got)
        expect("the Deployment", "asks for a replica", [f["text"] for f in report["findings"]],
               lambda got: any(f"Deployment ray-system/{NAME} asks for 1" in text for text in got))

    def step_dry_run(self):
        """The dry run names every object, who had the Lease, and nothing that restarts."""
        code, report = self.dry_run(self.cluster.kubeconfig)
        self.predicted = {f"{o['kind']}/{o['name']}": [o["fate"], o.get("what", "")]
                          for o in report["objects"]}
        expect("its verdict", [0, "nothing-restarts"], [code, report["verdict"]])
        known = {name for name in self.objects() if not name.startswith(
            ("EndpointSlice/", "Secret/", "ServiceAccount/default", "Service/kubernetes"))}
        expect("objects it names", sorted(known),
               sorted(set(self.predicted) - {"Secret/open"}))
        fates = {fate for name, (fate, _) in self.predicted.items() if name != "Secret/open"}
        expect("fates", "kept and patched", fates, lambda got: got <= {"kept", "patched"})
        expect("what it finds", "KubeRay's Lease, held", report["findings"], lambda got: any(
            "ray-operator-leader is held by" in finding["text"] for finding in got))

    def step_take_over(self):
        """Raycord takes over: nothing restarts, nothing is made anew, all stays ready."""
        self.taken_over = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        self.start_raycord()
        self.nothing_happened("after the takeover")

    def step_as_predicted(self):
        """Raycord wrote what the dry run had said, and nothing else."""
        predicted = set()
        for name, (fate, what) in self.predicted.items():
            kind, name = name.split("/")
            if fate == "patched":
                predicted |= {f"patch {kind.lower()}s/{name} " +
                              ("status" if part == "status" else "") for part in what.split("; ")}
            elif fate == "created":
                predicted.add(f"create {kind.lower()}s/{name}")
        until("requests that write", sorted(request.strip() for request in predicted),
              lambda: sorted(self.cluster.written(self.user, self.taken_over)), seconds=10)

    def step_edit(self):
        """A new price is sent to the same RayCluster."""
        self.edit("price: 3", "price: 4")
        until("two mangos", "8", self.answer)
        until("the edit is taken in", True, self.observed)
        self.nothing_happened("after an edit", seconds=1)

    def step_give_back(self):
        """KubeRay gets it back: the same, and an edit works."""
        expect("Raycord ends", 0, self.raycord.stop())
        self.start_kuberay()
        self.nothing_happened("after it was given back")
        self.edit("price: 4", "price: 5")
        until("two mangos", "10", self.answer)
        until("the edit is taken in", True, self.observed)
        self.nothing_happened("after KubeRay's edit", seconds=1)

    def step_upgrade_pending(self):
        """KubeRay stops with an upgrade half way: Raycord completes it with that very RayCluster."""
        self.edit('rayVersion: "2.52.1"', 'rayVersion: "2.100.0"')
        names = until("an upgrade begins", "two RayClusters of the RayService", self.of_service,
                      lambda got: len(got) == 2)
        self.kuberay.kill()
        pending = next(name for name in names if name != self.active)
        expect("not switched yet", [self.active] * 2, self.selected())
        uid = self.cluster.get("raycluster", pending)["metadata"]["uid"]
        self.start_raycord()
        self.ends_with(pending, uid)

    def step_upgrade_switched(self):
        """KubeRay stops right after the switch: Raycord drains and deletes the old RayCluster."""
        expect("Raycord ends", 0, self.raycord.stop())
        self.start_kuberay()
        self.edit('rayVersion: "2.100.0"', 'rayVersion: "2.101.0"')
        old = self.active
        until("both Services are switched", True, lambda: old not in self.selected())
        self.kuberay.kill()
        expect("the old one is still there", 2, len(self.of_service()))
        successor = self.selected()[0]
        uid = self.cluster.get("raycluster", successor)["metadata"]["uid"]
        self.start_raycord()
        self.ends_with(successor, uid)

    def of_service(self):
        return [n for n in self.cluster.names("raycluster") if n.startswith(SERVICE)]

    def ends_with(self, name, uid):
        until(f"both Services point to {name}", [name] * 2, self.selected)
        until(f"only {name} is left", [name], self.of_service)
        until("the RayService says so", [name, None, "Running"], self.running)
        expect("it is the same RayCluster", uid,
               self.cluster.get("raycluster", name)["metadata"]["uid"])
        self.active = name
        self.all_was_well("in the upgrade")

    def step_nothing_lost(self):
        """All the time every request was answered, and no status was less than well."""
        self.requests.stop()
        expect("lost requests", [], self.requests.lost)
        self.all_was_well("to the end")
        self.witness.stop()
        print(f"     {sum(self.requests.answers.values())} requests answered, 0 lost")

    def step_delete(self):
        """Given back for good: KubeRay deletes what Raycord had, and nothing is left."""
        expect("Raycord ends", 0, self.raycord.stop())
        self.start_kuberay()
        self.cluster.kubectl("delete", "rayservices,rayclusters", "--all", "--wait=false")

        def left():
            return [f"{i['kind']}/{i['metadata']['name']}" for i in self.cluster.items(
                "rayservices,rayclusters,pods,services,endpointslices,roles,rolebindings,jobs,"
                "ingresses") if i["metadata"]["name"] != "kubernetes" and
                "helm.sh/chart" not in i["metadata"].get("labels", {})]
        until("what is left", [], left)
        expect("KubeRay ends", 0, self.kuberay.stop())

    def step_log(self):
        """Raycord's log of all its terms is intact, and replays to the same decisions."""
        for arguments, good in ((["log", "verify"], {"intact": True}),
                                (["replay"], {"divergences": 0})):
            done = subprocess.run(
                [self.options.raycord, "--log", self.log, *arguments, "-o", "json"],
                capture_output=True, text=True, timeout=120)
            said = json.loads(done.stdout)
            expect("raycord " + " ".join(arguments), good, {key: said.get(key) for key in good})

    def steps(self):
        return (self.step_make, self.step_dry_run_warns, self.step_dry_run, self.step_take_over,
                self.step_as_predicted, self.step_edit, self.step_give_back,
                self.step_upgrade_pending, self.step_upgrade_switched, self.step_nothing_lost,
                self.step_delete, self.step_log)

    def play(self):
        for step in self.steps():
            begun = time.monotonic()
            try:
                step()
            except StoryFailed as failure:
                print(f"FAILED  {step.__doc__}\n{failure}", flush=True)
                return 1
            print(f"ok {time.monotonic() - begun:5.1f} s  {step.__doc__}", flush=True)
        return 0

    def tear_down(self):
        if self.requests:
            self.requests.stop()
        if self.witness:
            self.witness.stop()
        for operator in (self.raycord, self.kuberay):
            if operator and operator.ended() is None:
                operator.kill()


def main():
    parser = argparse.ArgumentParser()
    for name in ("directory", "operator", "raycord", "kuberay", "statefulset"):
        parser.add_argument(f"--{name}", required=True)
    takeover = Takeover(parser.parse_args())
    try:
        return takeover.play()
    finally:
        takeover.tear_down()


if __name__ == "__main__":
    sys.exit(main())
