"""The whole operator with a real Ray head: the API server is the sandbox's, whose pods have loopback
addresses, so that the head pod's address is where real Ray listens.

usage: loop.py API-SERVER RAYCORD LOG-DIRECTORY   (with PyYAML, in the namespaces of real_ray.sh)
"""

import json
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import yaml

SERVICES = "/apis/ray.io/v1/namespaces/default/rayservices"
NAME = "rayservice-sample"
LIMIT = 180.0
CALM = 45.0
ROOT = Path(__file__).resolve().parent.parent.parent


class Failed(Exception):
    """What was expected did not come."""


def call(method, url, body=None, content="application/json"):
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"content-type": content}, method=method)
    with urllib.request.urlopen(request, timeout=20) as response:
        return json.loads(response.read())


def wait(what, check):
    """Calls check until it gives a true value."""
    end = time.monotonic() + LIMIT
    while time.monotonic() < end:
        try:
            found = check()
        except (urllib.error.URLError, ConnectionError, json.JSONDecodeError):
            found = None
        if found:
            print(f"  {what}")
            return found
        time.sleep(0.2)
    raise Failed(f"not in {LIMIT:.0f} s: {what}")


def guide_config(price, **beside):
    """The sample's config without what is downloaded."""
    sample = yaml.safe_load((ROOT / "samples/rayservice.yaml").read_text())
    config = yaml.safe_load(sample["spec"]["serveConfigV2"])
    for app in config["applications"]:
        del app["runtime_env"]
    config["applications"][0]["deployments"][0]["user_config"]["price"] = price
    return yaml.safe_dump({**config, **beside}), sample


class Loop:
    def __init__(self, server, raycord, log):
        self.server = server
        self.raycord = raycord
        self.log = log

    def service(self):
        return call("GET", f"{self.server}{SERVICES}/{NAME}")

    def create(self):
        config, sample = guide_config(3)
        sample["spec"]["serveConfigV2"] = config
        sample["spec"]["rayClusterConfig"]["workerGroupSpecs"] = []
        call("POST", self.server + SERVICES, sample)

    def edit(self, config):
        call("PATCH", f"{self.server}{SERVICES}/{NAME}", {"spec": {"serveConfigV2": config}},
             "application/merge-patch+json")

    def is_ready(self):
        status = self.service().get("status", {})
        ready = any(c["type"] == "Ready" and c["status"] == "True"
                    for c in status.get("conditions", []))
        apps = status.get("activeServiceStatus", {}).get("applicationStatuses", {})
        return ready and len(apps) == 2 and all(a["status"] == "RUNNING" for a in apps.values())

    def puts(self):
        listed = subprocess.run([self.raycord, "--log", self.log, "log", "ls"], check=True,
                                capture_output=True, text=True).stdout
        return listed.count("send-serve-config")

    def expect_calm(self):
        """No config is sent in twice the time that an accepted one has to show."""
        before = self.puts()
        time.sleep(CALM)
        if self.puts() != before:
            raise Failed("what is deployed was sent again")
        print(f"  nothing is sent in {CALM:.0f} s, after {before} PUTs")


def ask(path, body):
    return call("POST", "http://127.0.0.1:8000" + path, body)


def main():
    loop = Loop(*sys.argv[1:4])
    wait("the API server answers", lambda: call("GET", loop.server + SERVICES))
    loop.create()
    wait("the RayService is Ready", loop.is_ready)
    wait("a mango costs 3", lambda: ask("/fruit/", ["MANGO", 2]) == 6)
    loop.expect_calm()
    loop.edit(guide_config(4)[0])
    wait("a mango costs 4", lambda: ask("/fruit/", ["MANGO", 2]) == 8)
    loop.expect_calm()
    loop.edit(guide_config(5, logging_config={"log_level": "INFO"})[0])
    wait("a mango costs 5, with a config that Ray writes otherwise",
         lambda: ask("/fruit/", ["MANGO", 2]) == 10)
    loop.expect_calm()
    wait("the RayService is Ready", loop.is_ready)


if __name__ == "__main__":
    try:
        main()
    except Failed as failure:
        sys.exit(f"FAILED: {failure}")
