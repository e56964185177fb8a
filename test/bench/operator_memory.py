"""How much memory the operator takes with many RayServices of one head and two workers.

  operator_memory.py BIN [SERVICES…]

BIN holds raycord-operator, raycord-sandbox and raycord-figures. For each number the two are started anew, in two
processes; the operator reaches Ray through the API server's proxy. Read is /proc/PID/status after
all services are Running and a while has passed."""

import http.client
import json
import os
import re
import subprocess
import sys
import tempfile
import time

SETTLE_SECONDS = int(os.environ.get("SETTLE_SECONDS", "60"))
READY_SECONDS = 1800
WORKERS = 2
SERVICES = "/apis/ray.io/v1/namespaces/default/rayservices"


def start(directory, name, command):
    output = open(os.path.join(directory, name + ".txt"), "wb")
    environment = dict(os.environ, POD_UID="memory")
    return subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, env=environment)


def port_of_sandbox(directory):
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        with open(os.path.join(directory, "sandbox.txt"), encoding="utf-8") as said:
            found = re.search(r"http://127\.0\.0\.1:(\d+)", said.read())
        if found:
            return int(found.group(1))
        time.sleep(0.1)
    raise SystemExit("the sandbox did not start; see " + directory)


class Api:
    def __init__(self, port):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)

    def call(self, method, path, body=None):
        headers = {"Content-Type": "application/json"} if body is not None else {}
        self.connection.request(method, path, body, headers)
        answer = self.connection.getresponse()
        text = answer.read()
        self.connection.close()  # An idle one may be gone when it is used again on a busy machine.
        if answer.status >= 300:
            raise SystemExit(f"{method} {path}: {answer.status} {text[:500]}")
        return json.loads(text)


def manifests(binaries, services):
    sample = json.loads(subprocess.check_output(
        [os.path.join(binaries, "raycord-figures"), "manifest"]))
    sample["spec"]["rayClusterConfig"]["workerGroupSpecs"][0]["replicas"] = WORKERS
    for number in range(services):
        sample["metadata"]["name"] = f"service-{number}"
        yield json.dumps(sample)


def running(api):
    items = api.call("GET", SERVICES)["items"]
    return sum(1 for item in items if item.get("status", {}).get("serviceStatus") == "Running")


def memory(pid):
    with open(f"/proc/{pid}/status", encoding="utf-8") as status:
        lines = dict(line.split(":", 1) for line in status if ":" in line)
    names = {"VmRSS": "resident", "RssAnon": "anonymous", "RssFile": "files", "VmHWM": "peak"}
    return {names[key]: int(lines[key].split()[0]) for key in names}


def cpu_seconds(pid):
    with open(f"/proc/{pid}/stat", encoding="utf-8") as stat:
        fields = stat.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def end(process):
    process.terminate()
    try:
        process.wait(30)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def measure(binaries, services):
    with tempfile.TemporaryDirectory(prefix="raycord-memory-") as directory:
        kubeconfig = os.path.join(directory, "kubeconfig")
        sandbox = start(directory, "sandbox",
                        [os.path.join(binaries, "raycord-sandbox"), "--port", "0",
                         "--kubeconfig", kubeconfig])
        operator = None
        try:
            api = Api(port_of_sandbox(directory))
            operator = start(directory, "operator",
                             [os.path.join(binaries, "raycord-operator"),
                              "--kubeconfig", kubeconfig, "--log-dir", directory + "/log",
                              "--leader-election-namespace", "default", "--use-kubernetes-proxy",
                              "--metrics-addr", "0", "--health-probe-bind-address", "0"])
            for manifest in manifests(binaries, services):
                api.call("POST", SERVICES, manifest)
            deadline = time.monotonic() + READY_SECONDS
            while running(api) < services:
                if operator.poll() is not None or time.monotonic() > deadline:
                    raise SystemExit(f"{services} services do not become Running; see {directory}")
                time.sleep(2)
            time.sleep(SETTLE_SECONDS)
            before = cpu_seconds(operator.pid)
            time.sleep(10)
            figures = memory(operator.pid)
            figures["cpu"] = (cpu_seconds(operator.pid) - before) / 10
            return figures
        finally:
            for process in (operator, sandbox):
                if process is not None:
                    end(process)


def main():
    binaries = sys.argv[1]
    counts = [int(count) for count in sys.argv[2:]] or [1, 250, 1000]
    print(f"{'services':>8} {'resident':>9} {'anonymous':>9} {'files':>7} {'peak':>7}  kB; CPU, cores")
    seen = []
    for services in counts:
        figures = measure(binaries, services)
        seen.append((services, figures["resident"]))
        print(f"{services:8} {figures['resident']:9} {figures['anonymous']:9} {figures['files']:7} "
              f"{figures['peak']:7}  {figures['cpu']:.2f}", flush=True)
    for (fewer, less), (more, most) in zip(seen, seen[1:]):
        print(f"from {fewer} to {more} services: {(most - less) / (more - fewer):.1f} kB each")


if __name__ == "__main__":
    main()
