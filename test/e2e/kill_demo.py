"""The demo's story, with an operator killed at a chosen place of its log and started again.

    kill_demo.py --bin DIR --killer LIBRARY [--positions N] [--side-by-side N]

One world plays the story undisturbed and says in which state it ends. Beside it N others play it
with a kill before or after a sync of the log each, spread over all steps, every third with a power
cut. All must end in the same state, and keep what kill_checks.py says."""

import argparse
import json
import os
import re
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

from cluster import StoryFailed, expect, stays, until
from kill_checks import check_all
from kill_world import Kill, Tools, World

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
NAMESPACE = "/namespaces/default"
RAY = f"/apis/ray.io/v1{NAMESPACE}"
SERVICE = "rayservice-sample"
LASTING_SECONDS = 3
KILL_SECONDS = 30  # A kill may come with the last syncs of the story.
STEP_SECONDS = 300  # A deadline only: of a loaded machine, and of an operator that is away.
# What differs from run to run, wherever it stands.
VOLATILE = {"uid", "resourceVersion", "creationTimestamp", "lastTransitionTime", "lastUpdateTime",
            "managedFields", "podIP", "serviceIP", "clusterIP", "clusterIPs", "podName",
            "stateTransitionTimes", "raycord.io/intent", "raycord.io/delete-after",
            "healthLastUpdateTime", "raycord.io/counter", "raycord.io/name-counter"}


def manifest(*changes):
    with open(os.path.join(ROOT, "samples", "rayservice.yaml")) as file:
        text = file.read()
    for old, new in (
            (r"\nspec:\n", "\nspec:\n  rayClusterDeletionDelaySeconds: 1\n"),
            (r"serviceUnhealthySecondThreshold: 900", "serviceUnhealthySecondThreshold: 3"),
            (r"deploymentUnhealthySecondThreshold: 300", "deploymentUnhealthySecondThreshold: 3"),
            *changes):
        text, places = re.subn(old, new, text, count=1)
        expect(f"places in the sample with {old!r}", 1, places)
    return text


PRICE = (r"price: 3\b", "price: 4")
REPLICAS = (r"replicas: 1\n(\s+)minR", r"replicas: 2\n\1minR")
VERSION = (r'rayVersion: "2.52.1"', 'rayVersion: "2.100.0"')


def stable(value):
    """Without what differs from run to run."""
    if isinstance(value, dict):
        return {key: stable(item) for key, item in value.items() if key not in VOLATILE}
    if isinstance(value, list):
        return [stable(item) for item in value]
    return value


class Story:
    def __init__(self, tools, kill=None, step=""):
        self.world = World(tools)
        self.kill, self.kill_step = kill, step
        self.active = ""
        self.syncs = {}  # Of the log, by step.

    # What the steps look at.

    def service(self):
        return self.world.get(f"{RAY}/rayservices/{SERVICE}") or {}

    def clusters(self):
        return [item for item in self.world.get(f"{RAY}/rayclusters")["items"]
                if "deletionTimestamp" not in item["metadata"]]

    def names(self):
        return [item["metadata"]["name"] for item in self.clusters()]

    def ask(self):
        _, answer = self.world.call(
            "POST", f"/api/v1{NAMESPACE}/services/{SERVICE}-serve-svc:8000/proxy/fruit/",
            '["MANGO", 2]')
        return str(answer)

    def settled(self):
        service = self.service()
        return service.get("status", {}).get("observedGeneration") == service["metadata"][
            "generation"]

    def serving(self):
        """Running, on one ready RayCluster that both Services point to; then its name."""
        names = self.names()
        selected = {self.world.get(f"/api/v1{NAMESPACE}/services/{SERVICE}-{part}-svc")[
            "spec"]["selector"].get("ray.io/cluster") for part in ("head", "serve")}
        status = self.service()["status"]
        ready = [item.get("status", {}).get("state") for item in self.clusters()]
        good = (selected == set(names) and len(names) == 1 and ready == ["ready"] and
                status.get("activeServiceStatus", {}).get("rayClusterName") == names[0])
        return names[0] if good else f"{names} {ready}, selected {selected}"

    def apply(self, *changes):
        self.world.kubectl("apply", "-f", "-", stdin=manifest(*changes))

    def await_successor(self):
        old = self.active
        self.active = until(f"another RayCluster than {old} serves alone", "its name", self.serving,
                            lambda got: " " not in got and got != old, STEP_SECONDS)

    # The steps.

    def create(self):
        self.world.start_sandbox()
        self.apply()
        self.world.start_operator()
        until("status.serviceStatus", "Running",
              lambda: self.service().get("status", {}).get("serviceStatus"), seconds=STEP_SECONDS)
        self.active = until("a RayCluster serves", "its name", self.serving,
                            lambda got: " " not in got, STEP_SECONDS)

    def price(self):
        self.apply(PRICE)
        until("two mangos at 4", "8", self.ask, seconds=STEP_SECONDS)
        until("the edit is taken in", True, self.settled, seconds=STEP_SECONDS)
        expect("the same RayCluster", [self.active], self.names())

    def replicas(self):
        self.apply(PRICE, REPLICAS)
        until("the edit is taken in", True, self.settled, seconds=STEP_SECONDS)
        expect("the same RayCluster", [self.active], self.names())

    def upgrade(self):
        self.apply(PRICE, REPLICAS, VERSION)
        self.await_successor()

    def silent_dashboard(self):
        self.world.control("/sandbox/faults", {"cluster": f"default/{self.active}",
                                               "target": "dashboard", "mode": "refuse"})
        self.await_successor()

    def unhealthy_application(self):
        self.world.control("/sandbox/apps", {"cluster": f"default/{self.active}",
                                             "app": "fruit_app", "status": "UNHEALTHY"})
        self.await_successor()

    def state(self):
        """Everything there is, but for what differs from run to run. A name that was decided and
        then lost in a kill is not given again, so the RayCluster's name is one of these."""
        body = {"answer": self.ask()}
        for kind in ("rayservices", "rayclusters"):
            body[kind] = self.world.get(f"{RAY}/{kind}")["items"]
        body["services"] = [
            {"name": item["metadata"]["name"], "labels": item["metadata"].get("labels"),
             "selector": item["spec"].get("selector"), "ports": item["spec"].get("ports")}
            for item in self.world.get(f"/api/v1{NAMESPACE}/services")["items"]]
        body["pods"] = [
            {"labels": item["metadata"]["labels"], "phase": item["status"]["phase"]}
            for item in self.world.get(f"/api/v1{NAMESPACE}/pods")["items"]]
        body["pods"].sort(key=lambda pod: sorted(pod["labels"].items()))
        body["ray"] = [{"cluster": item["cluster"], "apps": item["apps"]}
                       for item in self.world.get("/sandbox/clusters") if item["heads"]]
        return json.loads(json.dumps(stable(body)).replace(self.active, "ACTIVE"))

    def lasting(self):
        """The state, if it stays so for a while."""
        state = self.state()
        try:
            stays("the final state", state, self.state, LASTING_SECONDS)
        except StoryFailed:
            return None
        return state

    @staticmethod
    def made(entries):
        """What the RayClusters that were made are for, in order."""
        return [entry["body"]["metadata"]["annotations"]["raycord.io/purpose"]
                for entry in entries if entry["method"] == "POST" and entry["code"] == 201 and
                entry["path"].endswith("/rayclusters")]

    def end(self, expected):
        """The state in which it ends; with `expected`, a function, waits until it is that."""
        if expected is None:
            return until("a final state that lasts", "the same as before", self.lasting,
                         lambda got: got is not None, STEP_SECONDS)
        expected = expected()
        try:
            return until("the final state", expected, self.state, seconds=STEP_SECONDS)
        except StoryFailed:
            raise StoryFailed("the final state\n" + differences(expected, self.state())) from None

    def delete(self):
        self.world.kubectl("delete", "-f", "-", stdin=manifest())

        def left():
            paths = [f"{RAY}/rayservices", f"{RAY}/rayclusters", f"/api/v1{NAMESPACE}/pods",
                     f"/api/v1{NAMESPACE}/services"]
            return [item["metadata"]["name"] for path in paths
                    for item in self.world.get(path)["items"]
                    if item["metadata"]["name"] != "kubernetes"]
        until("what is left", [], left, seconds=STEP_SECONDS)

    def take(self, step):
        if step.__name__ == self.kill_step:
            self.world.arm(self.kill)
        before = sum(self.syncs.values())
        step()
        self.syncs[step.__name__] = self.world.syncs() - before

    def play(self, expected):
        """Returns the final state and how many writes were compared with the log."""
        keep = True
        try:
            for step in (self.create, self.price, self.replicas, self.upgrade,
                         self.silent_dashboard, self.unhealthy_application):
                self.take(step)
            state = self.end(expected)
            self.take(self.delete)
            if self.kill:
                until(f"the kill {self.kill} came", 1, lambda: len(self.world.positions),
                      seconds=KILL_SECONDS)
            entries = self.world.journal()
            self.world.stop_operator()
            writes = check_all(entries, self.world.read_log())
            expect("RayClusters made", ["first", "upgrade", "failover", "failover"],
                   self.made(entries))
            keep = False
            return state, writes
        finally:
            self.world.close(keep)


def differences(expected, got, where=""):
    """Lines that say where two states differ."""
    if isinstance(expected, dict) and isinstance(got, dict):
        return "".join(differences(expected.get(key), got.get(key), f"{where}.{key}")
                       for key in sorted({*expected, *got}))
    if isinstance(expected, list) and isinstance(got, list) and len(expected) == len(got):
        return "".join(differences(left, right, f"{where}[{i}]")
                       for i, (left, right) in enumerate(zip(expected, got)))
    if expected == got:
        return ""
    return f"  {where}\n    expected: {json.dumps(expected)}\n    got:      {json.dumps(got)}\n"


# How often the log is synced in a step, about: kills are spread by it.
STEP_SYNCS = {"create": 30, "price": 6, "replicas": 3, "upgrade": 35, "silent_dashboard": 34,
              "unhealthy_application": 34, "delete": 5}


def plan(positions):
    """Kills spread over the log of the story: (step, kill). Before a sync, after it, and before it
    with a power cut. They are counted within their step: how long it takes differs."""
    planned = []
    total = sum(STEP_SYNCS.values())
    for i in range(positions):
        left = (i + 0.5) * total / positions
        for step, count in STEP_SYNCS.items():
            if left < count:
                break
            left -= count
        kill = Kill(1 + int(left), "after" if i % 3 == 1 else "before", i % 3 == 2)
        planned.append((step, kill))
    return planned


class Tally:
    def __init__(self):
        self.lock = threading.Lock()
        self.positions, self.failed, self.writes, self.cut_bytes = [], 0, 0, 0

    def play(self, tools, step, kill, expected):
        begun = time.monotonic()
        story = Story(tools, kill, step)
        try:
            _, writes = story.play(expected)
        except Exception as problem:  # Each world fails for itself.
            with self.lock:
                self.failed += 1
                print(f"FAILED  killed {kill} of {step}; see {story.world.directory}\n{problem!r}\n{problem}",
                      flush=True)
            return
        with self.lock:
            self.positions += story.world.positions
            self.writes += writes
            self.cut_bytes += story.world.cut_bytes
            print(f"ok {time.monotonic() - begun:5.1f} s  killed {kill} of {step}, at event "
                  f"{story.world.positions[0]}", flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", required=True)
    parser.add_argument("--killer", required=True)
    parser.add_argument("--positions", type=int, default=60)
    parser.add_argument("--distinct", type=int, default=0, help="[5 of 6 positions]")
    parser.add_argument("--side-by-side", type=int, default=6)
    options = parser.parse_args()
    tools = Tools(options.bin, options.killer)
    begun = time.monotonic()
    tally = Tally()
    with ThreadPoolExecutor(options.side_by_side) as pool:
        undisturbed = pool.submit(Story(tools).play, None)
        for step, kill in plan(options.positions):
            pool.submit(tally.play, tools, step, kill, lambda: undisturbed.result()[0])
    print(f"undisturbed: {undisturbed.result()[1]} writes")
    distinct = len(set(tally.positions))
    wanted = options.distinct or options.positions * 5 // 6
    print(f"{len(tally.positions)} kills at {distinct} log positions, the same final state, "
          f"{tally.writes} writes found in the log, {tally.cut_bytes} unsynced bytes taken away; "
          f"{tally.failed} failed; {time.monotonic() - begun:.0f} s")
    if distinct < wanted:
        print(f"FAILED  distinct log positions\n  expected: {wanted}\n  got:      {distinct}")
    return 1 if tally.failed or distinct < wanted else 0


if __name__ == "__main__":
    sys.exit(main())
