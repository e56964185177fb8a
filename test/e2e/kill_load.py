"""Many services under edits, and an operator killed at one moment after the other.

    kill_load.py --bin DIR --killer LIBRARY [--moments N] [--worlds N] [--services N] [--seed N]

Every second kill comes at a random moment, the others at a counted sync of the log soon after a
start; every third brings a power cut. Each time the log is intact, and the operator is started at
once. In the end nothing synced is lost, the log replays, each write that the cluster saw stands in
the log before it, and all services are what was asked for last."""

import argparse
import random
import re
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

from cluster import StoryFailed, expect, until
from kill_checks import check_all
from kill_demo import RAY, manifest
from kill_world import Kill, Tools, World

SETTLE_SECONDS = 300
KILL_SECONDS = 20       # A counted sync that does not come by then becomes a kill at that moment.
FIRST_SYNCS = 60        # A counted kill comes within so many syncs of a start.
LONGEST_PAUSE = 0.8     # Seconds between a start and a kill at a random moment.
MERGE = "application/merge-patch+json"


class Editor(threading.Thread):
    """Edits one service after the other, deletes some and makes them again."""

    PAUSE_SECONDS = 0.05

    def __init__(self, world, services, chance):
        super().__init__(daemon=True)
        self.world, self.services, self.chance = world, services, chance
        self.template = None
        self.wanted = {}  # What was asked for last, by service.
        self.edits = 0
        self.stopping = threading.Event()
        self.problem = None

    def make_services(self):
        self.world.kubectl("create", "-f", "-", stdin=manifest())
        made = self.world.get(f"{RAY}/rayservices/rayservice-sample")
        self.template = {"apiVersion": made["apiVersion"], "kind": made["kind"],
                         "spec": made["spec"]}
        self.world.call("DELETE", f"{RAY}/rayservices/rayservice-sample")
        for name in self.services:
            self.make(name)

    def make(self, name):
        status, text = self.world.call("POST", f"{RAY}/rayservices",
                                       {**self.template, "metadata": {"name": name}})
        if status == 409:
            return  # It is still going.
        expect(f"creation of {name}", 201, status, lambda got: got == 201 or print(text))
        self.wanted[name] = {"version": self.template["spec"]["rayClusterConfig"]["rayVersion"],
                             "price": "3"}

    def run(self):
        try:
            while not self.stopping.wait(self.PAUSE_SECONDS):
                self.edit(self.chance.choice(self.services))
                self.edits += 1
        except Exception as problem:
            self.problem = problem

    def edit(self, name):
        path = f"{RAY}/rayservices/{name}"
        if name not in self.wanted:
            self.make(name)
            return
        wanted = self.wanted[name]
        what = self.chance.random()
        if what < 0.5:
            wanted["price"] = str(self.chance.randint(1, 9))
            config = re.sub(r"price: \d+", f"price: {wanted['price']}",
                            self.template["spec"]["serveConfigV2"], count=1)
            self.patch(path, {"spec": {"serveConfigV2": config}})
        elif what < 0.7:
            wanted["version"] = f"2.{self.chance.randint(100, 199)}.0"
            self.patch(path, {"spec": {"rayClusterConfig": {"rayVersion": wanted["version"]}}})
        elif what < 0.95:
            groups = self.template["spec"]["rayClusterConfig"]["workerGroupSpecs"]
            group = {**groups[0], "replicas": self.chance.randint(1, 3)}
            self.patch(path, {"spec": {"rayClusterConfig": {"workerGroupSpecs": [group]}}})
        else:
            del self.wanted[name]
            self.world.call("DELETE", path)

    def patch(self, path, body):
        status, text = self.world.call("PATCH", path, body, MERGE)
        expect(f"PATCH {path}", 200, status, lambda got: got in (200, 404) or print(text))

    def stop(self):
        self.stopping.set()
        self.join()
        self.world.check()
        if self.problem:
            raise self.problem
        for name in self.services:
            until(f"{name} is made again", True, lambda: self.make(name) or name in self.wanted,
                  seconds=SETTLE_SECONDS)


def is_settled(world, name, wanted):
    """One ready RayCluster of the version asked for, whose answer has the price asked for."""
    service = world.get(f"{RAY}/rayservices/{name}")
    status = service.get("status", {})
    clusters = [item for item in world.get(f"{RAY}/rayclusters")["items"]
                if item["metadata"]["ownerReferences"][0]["uid"] == service["metadata"]["uid"] and
                "deletionTimestamp" not in item["metadata"]]
    _, answer = world.call(
        "POST", f"/api/v1/namespaces/default/services/{name}-serve-svc:8000/proxy/fruit/",
        '["MANGO", 1]')
    seen = {"observed": status.get("observedGeneration") == service["metadata"]["generation"],
            "versions": [item["spec"].get("rayVersion") for item in clusters],
            "states": [item.get("status", {}).get("state") for item in clusters],
            "answer": str(answer)}
    good = {"observed": True, "versions": [wanted["version"]], "states": ["ready"],
            "answer": wanted["price"]}
    return True if seen == good else f"{seen}, wanted {good}"


def kill_often(world, editor, moments, chance):
    for kill in range(0, moments, 2):
        when, at = chance.choice(("before", "after")), chance.randint(1, FIRST_SYNCS)
        world.kill_now(power_cut=kill % 3 == 0, then=Kill(at, when, (kill + 1) % 3 == 0))
        if kill + 1 < moments:
            try:
                until(f"the kill {when} sync {at}", kill + 2, lambda: len(world.positions),
                      lambda got: got == kill + 2 or world.problem, KILL_SECONDS)
            except StoryFailed:
                world.kill_now(power_cut=False)
        world.check()
        if editor.problem:
            raise editor.problem
        time.sleep(chance.uniform(0, LONGEST_PAUSE))


def play(tools, seed, services, moments):
    """One world; returns (kills, edits, events, writes compared, bytes cut)."""
    chance = random.Random(seed)
    world = World(tools)
    keep = True
    try:
        world.start_sandbox()
        editor = Editor(world, [f"load-{i}" for i in range(services)], chance)
        editor.make_services()
        world.start_operator()
        editor.start()
        try:
            kill_often(world, editor, moments, random.Random(seed + 1))
        finally:
            editor.stop()
        for name in editor.services:
            until(f"{name} is what was asked for", True,
                  lambda name=name: is_settled(world, name, editor.wanted[name]),
                  seconds=SETTLE_SECONDS)
        entries = world.journal()
        world.stop_operator()
        events = world.read_log()
        writes = check_all(entries, events)
        keep = False
        return len(world.positions), editor.edits, len(events), writes, world.cut_bytes
    except Exception as problem:
        raise StoryFailed(f"world with seed {seed}, {len(world.positions)} kills, in "
                          f"{world.directory}\n{problem}") from problem
    finally:
        world.close(keep)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", required=True)
    parser.add_argument("--killer", required=True)
    parser.add_argument("--moments", type=int, default=200)
    parser.add_argument("--worlds", type=int, default=4)
    parser.add_argument("--services", type=int, default=8)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    tools = Tools(options.bin, options.killer)
    begun = time.monotonic()
    each = -(-options.moments // options.worlds)
    totals, failed = [0] * 5, 0
    with ThreadPoolExecutor(options.worlds) as pool:
        runs = [pool.submit(play, tools, options.seed + 10 * i, options.services, each)
                for i in range(options.worlds)]
        for run in runs:
            try:
                figures = run.result()
                totals = [total + figure for total, figure in zip(totals, figures)]
                print("ok  kills {}, edits {}, events {}, writes {}, bytes cut {}".format(*figures),
                      flush=True)
            except Exception as problem:
                failed += 1
                print(f"FAILED  {problem!r}\n{problem}", flush=True)
    print("{} kills under {} edits: {} events, none lost; {} writes found in the log; {} unsynced "
          "bytes taken away; {} failed; {:.0f} s".format(*totals, failed,
                                                         time.monotonic() - begun))
    return 1 if failed or totals[0] < options.moments else 0


if __name__ == "__main__":
    sys.exit(main())
