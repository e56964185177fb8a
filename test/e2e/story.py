"""The guide as a story on a real API server: from the first `kubectl apply` to the last delete.

    story.py --directory DIR --operator PATH [--raycord PATH] (--statefulset NS/NAME | --peer)

DIR is a cluster made by the world's cluster.sh, with rayworld running, and this runs inside its
network namespace (scripts/e2e.sh does all that). The operator runs with flags, environment,
ServiceAccount and rights of the chart's StatefulSet. --peer plays the steps that KubeRay's operator
can play as well, as an administrator."""

import argparse
import json
import os
import re
import subprocess
import sys
import time

from chart import Installed
from cluster import (Cluster, Operator, RayClusterHistory, Requests, StoryFailed, expect, http_call,
                     stays, until)
from raycluster_steps import RayClusterSteps
from webhook_steps import WebhookSteps

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SERVICE = "rayservice-sample"
SERVE_HOST = f"{SERVICE}-serve-svc.default.svc.cluster.local"
DELETION_DELAY_SECONDS = 5
THRESHOLD_SECONDS = 5
HEAD_PORTS = "10001/TCP,8265/TCP,52365/TCP,6379/TCP,8080/TCP,8000/TCP"
MANGO = '["MANGO", 2]'


def sample(name):
    with open(os.path.join(ROOT, "samples", name)) as file:
        return file.read()


def changed(text, old, new):
    expect(f"places in the sample with {old!r}", 1, text.count(old))
    return text.replace(old, new)


def ports(text):
    return sorted(text.split(","))


class Story(RayClusterSteps, WebhookSteps):
    def __init__(self, options):
        self.cluster = Cluster(options.directory)
        self.raycord = options.raycord
        self.peer = options.peer
        self.log = os.path.join(options.directory, "raycord-log")
        if self.peer:
            arguments = ["--leader-election-namespace", "default"]
            environment = {"KUBECONFIG": os.path.join(options.directory, "kubeconfig-operator"),
                           "ENABLE_RAY_HEAD_CLUSTER_IP_SERVICE": "true"}
        else:
            installed = Installed(self.cluster, options.statefulset)
            arguments = installed.arguments(self.log) + ["--kubeconfig", installed.kubeconfig()]
            environment = installed.environment()
            self.user = installed.user
            # Whoever has rights in some namespaces cannot read the cluster's UID, and goes on.
            limited = any(a.startswith("--watch-namespace=") for a in arguments)
            self.may_be_forbidden = ["get namespaces"] if limited else []
        self.operator = Operator([options.operator, *arguments], environment, options.directory)
        self.manifest = changed(
            sample("rayservice.yaml"), "\nspec:\n",
            f"\nspec:\n  rayClusterDeletionDelaySeconds: {DELETION_DELAY_SECONDS}\n")
        self.active = ""  # The RayCluster that serves.
        self.requests = None
        self.history = None

    # What the steps look at.

    def service(self):
        return self.cluster.get("rayservice", SERVICE)

    def status(self):
        return (self.service() or {}).get("status", {})

    def settled(self):
        """Whether the operator has taken in the newest edit."""
        service = self.service()
        return service["status"].get("observedGeneration") == service["metadata"]["generation"]

    def selected(self):
        """The RayClusters that the two Services of the RayService point to."""
        return [self.cluster.get("service", f"{SERVICE}-{part}-svc")["spec"]["selector"].get(
            "ray.io/cluster") for part in ("head", "serve")]

    def answer(self, path, body):
        try:
            status, text = http_call(SERVE_HOST, 8000, "POST", path, body)
        except OSError as error:
            return repr(error)
        return text if status == 200 else f"{status} {text}"

    def apply(self):
        self.cluster.apply(self.manifest)

    def wait_for_successor(self, why):
        """A second RayCluster takes over and the first is deleted; returns the new one's name."""
        old = self.active
        names = until(f"a second RayCluster {why}", f"{old} and another one",
                      lambda: self.cluster.names("raycluster"),
                      lambda got: len(got) == 2 and old in got)
        new = next(name for name in names if name != old)
        until(f"both Services point to {new}", [new, new], self.selected, seconds=90)
        until(f"{old} is deleted after {DELETION_DELAY_SECONDS} s", [new],
              lambda: self.cluster.names("raycluster"))
        until("the RayService names one active RayCluster and no pending one", [new, None],
              lambda: [self.status().get(f"{part}ServiceStatus", {}).get("rayClusterName")
                       for part in ("active", "pending")])
        self.active = new

    # The steps.

    def step_start(self):
        """Step 2: the operator starts and is ready."""
        self.operator.start()
        if self.peer:
            return

        def ready():
            expect("the operator runs", None, self.operator.ended())
            try:
                return http_call("127.0.0.1", 8082, "GET", "/readyz")[0]
            except OSError as error:
                return repr(error)
        until("/readyz", 200, ready)

    def step_create(self):
        """Step 3: kubectl apply makes a RayService that runs."""
        self.history = RayClusterHistory(self.cluster)
        self.history.start()
        self.apply()
        until("status.serviceStatus", "Running", lambda: self.status().get("serviceStatus"))
        self.active = self.cluster.names("raycluster")[0]

    def step_tables(self):
        """Step 4: what kubectl get shows."""
        header, rows = self.cluster.table("rayservice")
        expect("4.1 columns", ["NAME", "SERVICE STATUS", "NUM SERVE ENDPOINTS"], header)
        expect("4.1 row", [SERVICE, "Running"], rows[0][:2])
        header, rows = self.cluster.table("rayservices.v1alpha1.ray.io")
        expect("4.1 columns in v1alpha1", ["NAME", "AGE"], header)

        def row():
            header, rows = self.cluster.table("raycluster")
            cells = dict(zip(header, rows[0]))
            return [cells.get(name) for name in
                    ("NAME", "DESIRED WORKERS", "AVAILABLE WORKERS", "STATUS")]
        until("4.2 row", [self.active, "1", "1", "ready"], row)
        middle = "" if self.peer else "raycluster-"
        expect("4.2 name", f"{SERVICE}-{middle}<5>", self.active,
               lambda got: re.fullmatch(f"{SERVICE}-{middle}[a-z0-9]{{5}}", got))
        until("4.3 pods", "a head and a worker, 1/1 Running, restarted never",
              lambda: self.cluster.table("pods", "-l=ray.io/is-ray-node=yes")[1],
              lambda rows: [r[1:4] for r in rows] == [["1/1", "Running", "0"]] * 2 and
              sum("-head-" in r[0] for r in rows) == 1)
        header, rows = self.cluster.table("services")
        cells = {r[0]: dict(zip(header, r)) for r in rows}
        for name, wanted in ((f"{SERVICE}-head-svc", HEAD_PORTS),
                             (f"{SERVICE}-serve-svc", "8000/TCP"),
                             (f"{self.active}-head-svc", HEAD_PORTS)):
            service = cells.get(name, {})
            expect(f"4.4 type of {name}", "ClusterIP", service.get("TYPE"))
            expect(f"4.4 address of {name}", "an address", service.get("CLUSTER-IP"),
                   lambda got: re.fullmatch(r"[0-9.]+", got))
            expect(f"4.4 ports of {name}", ports(wanted), ports(service.get("PORT(S)", "")))

    def step_describe(self):
        """Step 5: kubectl describe shows the applications."""
        text = self.cluster.kubectl("describe", "rayservices", SERVICE)
        for word in ("fruit_app", "math_app", "MangoStand", "Adder"):
            expect(f"describe names {word}", word, text, lambda got: word in got)
        expect("describe shows both applications RUNNING", 2,
               len(re.findall(r"^ +Status: +RUNNING$", text, re.M)))
        expect("describe shows their deployments HEALTHY", 7,
               len(re.findall(r"^ +Status: +HEALTHY$", text, re.M)))
        if not self.peer:
            until("describe shows Events that name their place in the log", "(<log>:<number>)",
                  lambda: self.cluster.kubectl("describe", "rayservices", SERVICE),
                  lambda got: re.search(r"Created RayCluster .*\([a-z0-9]+:\d+\)$", got, re.M))

    def step_requests(self):
        """Step 6: requests through the serve Service."""
        until("6.2 two mangos", "6", lambda: self.answer("/fruit/", MANGO))
        until("6.3 pizzas", "15 pizzas please!",
              lambda: self.answer("/calc/", '["MUL", 3]').strip('"'))
        self.requests = Requests(SERVE_HOST, "/fruit/", MANGO)
        self.requests.start()

    def step_price(self):
        """Step 7: a new price is sent to the running RayCluster."""
        self.manifest = changed(self.manifest, "price: 3", "price: 4")
        self.apply()
        until("7.4 two mangos", "8", lambda: self.answer("/fruit/", MANGO))
        until("7.3 the edit is taken in", True, self.settled)
        expect("the same RayCluster", [self.active], self.cluster.names("raycluster"))

    def step_replicas(self):
        """Steps 8.1 to 8.3: a change of replicas has no effect."""
        self.manifest = changed(self.manifest, "replicas: 1\n        minR",
                                "replicas: 2\n        minR")
        self.apply()
        until("8.2 the edit is taken in", True, self.settled)

        def replicas():
            return [[item["metadata"]["name"], item["spec"]["workerGroupSpecs"][0]["replicas"]]
                    for item in self.cluster.items("raycluster")]
        stays("8.3 RayClusters and their replicas", [[self.active, 1]], replicas, seconds=3)

    def step_upgrade(self):
        """Steps 8.4 to 8.7: a new rayVersion is a new RayCluster, without an interruption."""
        self.manifest = changed(self.manifest, 'rayVersion: "2.52.1"', 'rayVersion: "2.100.0"')
        self.apply()
        self.wait_for_successor("for a new rayVersion")

        def row():
            header, rows = self.cluster.table("raycluster")
            cells = dict(zip(header, rows[0]))
            return [cells.get(name) for name in
                    ("NAME", "DESIRED WORKERS", "AVAILABLE WORKERS", "STATUS")]
        until("8.5 row", [self.active, "2", "2", "ready"], row)
        until("8.7 two mangos", "8", lambda: self.answer("/fruit/", MANGO))

    def step_thresholds(self):
        """Shorter thresholds are taken in, and change nothing else."""
        self.manifest = changed(self.manifest, "serviceUnhealthySecondThreshold: 900",
                                f"serviceUnhealthySecondThreshold: {THRESHOLD_SECONDS}")
        self.manifest = changed(self.manifest, "deploymentUnhealthySecondThreshold: 300",
                                f"deploymentUnhealthySecondThreshold: {THRESHOLD_SECONDS}")
        self.apply()
        until("the edit is taken in", True, self.settled)
        expect("the same RayCluster", [self.active], self.cluster.names("raycluster"))

    def step_silent_dashboard(self):
        """A dashboard that does not answer for too long: a new RayCluster takes over."""
        self.cluster.control("/faults", {"cluster": f"default/{self.active}", "mode": "hang"})
        self.wait_for_successor("for a silent dashboard")

    def step_unhealthy_application(self):
        """An application UNHEALTHY for too long: a new RayCluster takes over."""
        self.cluster.control("/apps", {"cluster": f"default/{self.active}", "app": "fruit_app",
                                       "status": "UNHEALTHY", "message": "no mangos left"})
        until("describe shows it", "UNHEALTHY", lambda: self.status()["activeServiceStatus"].get(
            "applicationStatuses", {}).get("fruit_app", {}).get("status"))
        self.wait_for_successor("for an unhealthy application")

    def step_killed(self):
        """An operator killed in the middle of an upgrade finishes it when it is started again."""
        self.manifest = changed(self.manifest, 'rayVersion: "2.100.0"', 'rayVersion: "2.101.0"')
        self.apply()
        until("the upgrade begins", 2, lambda: len(self.cluster.names("raycluster")))
        self.operator.kill()
        clusters = self.cluster.names("raycluster")
        expect("killed in the middle: both RayClusters are there", 2, len(clusters))
        self.step_start()
        self.wait_for_successor("after the restart")
        expect("the RayCluster of before the kill was taken up again", True,
               self.active in clusters)

    def step_nothing_lost(self):
        """No request was lost, and there never was a third RayCluster."""
        self.requests.stop()
        expect("lost requests", [], self.requests.lost)
        expect("answers", "6 and 8 only", self.requests.answers,
               lambda got: sorted(got) == ["6", "8"])
        self.history.stop()
        expect("RayClusters ever made", 2 if self.peer else 5, len(self.history.made))
        expect("RayClusters side by side", 2, self.history.most)
        print(f"     {sum(self.requests.answers.values())} requests answered, 0 lost; "
              f"RayClusters: {', '.join(self.history.made)}")

    def step_delete(self):
        """Step 9: kubectl delete leaves nothing."""
        self.cluster.kubectl("delete", "-f", "-", stdin=self.manifest)
        self.nothing_left()

    def nothing_left(self):
        def ours(item):
            return (item["metadata"]["name"] != "kubernetes" and
                    "helm.sh/chart" not in item["metadata"].get("labels", {}))

        def left():
            kinds = ("rayservices,rayclusters,pods,services,endpointslices,roles,rolebindings,"
                     "jobs,ingresses")
            return [f"{item['kind']}/{item['metadata']['name']}"
                    for item in self.cluster.items(kinds) if ours(item)]
        until("what is left", [], left)

    def step_v1alpha1(self):
        """A manifest in v1alpha1 makes the same service."""
        manifest = sample("rayservice.v1alpha1.yaml")
        self.cluster.apply(manifest)
        until("status.serviceStatus", "Running", lambda: self.status().get("serviceStatus"))
        until("two mangos", "6", lambda: self.answer("/fruit/", MANGO))
        self.cluster.apply(changed(manifest, "price: 3", "price: 4"))
        until("two mangos after a new price", "8", lambda: self.answer("/fruit/", MANGO))
        self.cluster.kubectl("delete", "-f", "-", stdin=manifest)
        self.nothing_left()

    def step_raycluster(self):
        """A RayCluster by itself becomes ready."""
        manifest = sample("raycluster.yaml")
        self.cluster.apply(manifest)
        until("status.state", "ready", lambda: self.cluster.get(
            "raycluster", "raycluster-sample").get("status", {}).get("state"))
        self.cluster.kubectl("delete", "-f", "-", stdin=manifest)
        self.nothing_left()

    def step_stop(self):
        """SIGTERM ends the operator in good order."""
        expect("the operator still runs", None, self.operator.ended())
        expect("requests that were forbidden", self.may_be_forbidden,
               self.cluster.forbidden(self.user))
        expect("exit code", 0, self.operator.stop())

    def step_log(self):
        """The log is intact, and replays to the same decisions."""
        for arguments, good in ((["log", "verify"], {"intact": True}),
                                (["replay"], {"divergences": 0})):
            done = subprocess.run([self.raycord, "--log", self.log, *arguments, "-o", "json"],
                                  capture_output=True, text=True, timeout=120)
            words = "raycord " + " ".join(arguments)
            expect(f"exit code of {words}", 0, done.returncode,
                   lambda got: got == 0 or print(done.stdout + done.stderr))
            said = json.loads(done.stdout)
            expect(words, good, {key: said.get(key) for key in good})

    def steps(self):
        guide = [self.step_start, self.step_create, self.step_tables, self.step_describe,
                 self.step_requests, self.step_price, self.step_replicas, self.step_upgrade]
        ours = [self.step_thresholds, self.step_silent_dashboard, self.step_unhealthy_application,
                self.step_killed]
        end = [self.step_nothing_lost, self.step_delete, self.step_v1alpha1, self.step_raycluster]
        clusters = [self.step_redis, self.step_redis_stuck, self.step_recreate, self.step_open]
        webhook = [self.step_webhook_on, self.step_webhook_refuses, self.step_webhook_forgives,
                   self.step_stop, self.step_webhook_off]
        if self.peer:
            return guide + end
        if not os.access(self.raycord, os.X_OK):
            print(f"SKIPPED e2e: no {self.raycord}, so the log is neither verified nor replayed")
            return guide + ours + end + clusters + webhook
        return guide + ours + end + clusters + webhook + [self.step_log]

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
        if self.history and self.history.watch.poll() is None:
            self.history.stop()
        if self.operator.ended() is None:
            self.operator.kill()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--directory", required=True)
    parser.add_argument("--operator", required=True)
    parser.add_argument("--raycord", default="")
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("--statefulset", metavar="NAMESPACE/NAME")
    which.add_argument("--peer", action="store_true")
    story = Story(parser.parse_args())
    try:
        return story.play()
    finally:
        story.tear_down()


if __name__ == "__main__":
    sys.exit(main())
