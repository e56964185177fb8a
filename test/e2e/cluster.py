"""The cluster a story plays in: kubectl, requests through the serve Service, faults, one operator.

Everything here runs inside the cluster's network namespace, so addresses and names of the cluster
can be used as they are."""

import http.client
import json
import os
import re
import signal
import subprocess
import threading
import time

NAMESPACE = "default"
CONTROL = ("127.0.0.1", 9900)  # Of rayworld, which simulates what is below the API.
POLL_SECONDS = 0.2
STOP_SECONDS = 40  # An operator ends its writes before it goes.


class StoryFailed(Exception):
    """What a step claims is not so."""


def until(what, expected, look, good=None, seconds=60):
    """Polls `look` until it gives `expected` (or `good` says so); fails with expected and got."""
    deadline = time.monotonic() + seconds
    while True:
        got = look()
        if good(got) if good else got == expected:
            return got
        if time.monotonic() > deadline:
            raise StoryFailed(
                f"{what}, within {seconds} s\n  expected: {expected}\n  got:      {got}")
        time.sleep(POLL_SECONDS)


def stays(what, expected, look, seconds):
    """Fails when `look` gives anything but `expected` during so many seconds."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        expect(what, expected, look())
        time.sleep(POLL_SECONDS)


def expect(what, expected, got, good=None):
    if not (good(got) if good else got == expected):
        raise StoryFailed(f"{what}\n  expected: {expected}\n  got:      {got}")


def http_call(host, port, method, path, body=None, timeout=5):
    """Status and text; a refused, reset or silent connection raises OSError or HTTPException."""
    connection = http.client.HTTPConnection(host, port, timeout=timeout)
    try:
        headers = {"Content-Type": "application/json"} if body is not None else {}
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


class Cluster:
    def __init__(self, directory):
        self.directory = directory
        self.kubeconfig = os.path.join(directory, "kubeconfig")

    def kubectl(self, *arguments, stdin=None, check=True):
        """Standard output; with check=False (code, standard output and error together)."""
        done = subprocess.run(
            ["kubectl", "--kubeconfig", self.kubeconfig, *arguments], input=stdin,
            capture_output=True, text=True, timeout=120)
        if not check:
            return done.returncode, done.stdout + done.stderr
        if done.returncode != 0:
            raise StoryFailed(f"kubectl {' '.join(arguments)}\n  {done.stderr.strip()}")
        return done.stdout

    def get(self, kind, name):
        """The object, or None when there is none."""
        text = self.kubectl("get", kind, name, "--ignore-not-found", "-o", "json")
        return json.loads(text) if text.strip() else None

    def items(self, kind, *arguments):
        return json.loads(self.kubectl("get", kind, "-o", "json", *arguments))["items"]

    def names(self, kind):
        """Of objects that are there and are not being deleted."""
        return sorted(item["metadata"]["name"] for item in self.items(kind)
                      if "deletionTimestamp" not in item["metadata"])

    def table(self, *arguments):
        """What `kubectl get` prints: (header, rows), cells split where two spaces are."""
        lines = self.kubectl("get", *arguments).splitlines()
        cells = [re.split(r"\s{2,}", line.strip()) for line in lines]
        return (cells[0], cells[1:]) if cells else ([], [])

    def forbidden(self, user):
        """What the API server forbade that user, by its audit log."""
        asked = 0
        found = set()
        with open(os.path.join(self.directory, "audit.log"), encoding="utf-8") as log:
            for event in map(json.loads, log):
                if event["user"]["username"] != user:
                    continue
                asked += 1
                if event["responseStatus"]["code"] == 403:
                    what = event["objectRef"]
                    found.add(" ".join([event["verb"], what["resource"],
                                        what.get("subresource", "")]).strip())
        expect(f"requests of {user} in the audit log", "some", asked, lambda got: got > 0)
        return sorted(found)

    def written(self, user, since):
        """What that user wrote since (RFC 3339), by the audit log: {"patch rayservices/x status"},
        but for Leases and Events."""
        found = set()
        with open(os.path.join(self.directory, "audit.log"), encoding="utf-8") as log:
            for event in map(json.loads, log):
                what = event.get("objectRef", {"resource": "", "name": event["requestURI"]})
                if event["user"]["username"] != user or what["resource"] in ("leases", "events"):
                    continue
                reads = event["verb"] in ("get", "list", "watch")
                if not reads and event["requestReceivedTimestamp"] > since:
                    found.add(f"{event['verb']} {what['resource']}/{what.get('name', '')} "
                              f"{what.get('subresource', '')}".strip())
        return found

    def apply(self, manifest):
        return self.kubectl("apply", "-f", "-", stdin=manifest)

    def control(self, path, body):
        """Asks rayworld for a fault; fails when it hits nothing."""
        status, text = http_call(*CONTROL, "POST", path, json.dumps(body))
        expect(f"POST {path} {body}", 200, status)
        return text


class Operator:
    """One operator process; started again after a kill it reads the log it left."""

    def __init__(self, command, environment, directory):
        self.command = command
        self.environment = dict(os.environ, **environment)
        self.directory = directory
        self.process = None

    def start(self):
        with open(os.path.join(self.directory, "operator.log"), "ab") as log:
            self.process = subprocess.Popen(
                self.command, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                env=self.environment, start_new_session=True)
        with open(os.path.join(self.directory, "operator.pid"), "w") as file:
            file.write(f"{self.process.pid}\n")

    def ended(self):
        """The exit code, None while it runs."""
        return self.process.poll() if self.process else 0

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self):
        """Asks it to end and returns its exit code."""
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
            raise StoryFailed(f"SIGTERM ends the operator within {STOP_SECONDS} s\n"
                              "  expected: an end\n  got:      none")


class Requests(threading.Thread):
    """Sends one request after another to a path of the serve Service, and counts."""

    PAUSE_SECONDS = 0.05

    def __init__(self, host, path, body):
        super().__init__(daemon=True)
        self.host, self.path, self.body = host, path, body
        self.answers = {}
        self.lost = []
        self.stopping = threading.Event()

    def run(self):
        while not self.stopping.wait(self.PAUSE_SECONDS):
            try:
                status, text = http_call(self.host, 8000, "POST", self.path, self.body)
                if status == 200:
                    self.answers[text] = self.answers.get(text, 0) + 1
                    continue
                problem = f"{status} {text[:100]}"
            except (OSError, http.client.HTTPException) as error:
                problem = repr(error)
            self.lost.append(f"{time.strftime('%H:%M:%S')} {problem}")

    def stop(self):
        self.stopping.set()
        self.join()


class RayClusterHistory(threading.Thread):
    """Watches RayClusters: all names there ever were, and how many stood side by side."""

    def __init__(self, cluster):
        super().__init__(daemon=True)
        columns = ("EVENT:.type,NAME:.object.metadata.name,"
                   "DELETED:.object.metadata.deletionTimestamp")
        self.watch = subprocess.Popen(
            ["kubectl", "--kubeconfig", cluster.kubeconfig, "get", "rayclusters", "--watch",
             "--output-watch-events", "--no-headers", "-o", f"custom-columns={columns}"],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.made = []
        self.alive = set()
        self.most = 0

    def run(self):
        for line in self.watch.stdout:
            event, name, deleted = line.split()
            if name not in self.made:
                self.made.append(name)
            if event == "DELETED" or deleted != "<none>":
                self.alive.discard(name)
            else:
                self.alive.add(name)
            self.most = max(self.most, len(self.alive))

    def stop(self):
        self.watch.terminate()
        self.watch.wait()
        self.join()


class Witness:
    """Watches RayServices and RayClusters, and notes each version that is less than well."""

    def __init__(self, cluster):
        self.complaints = []
        self.well = set()  # What was well once; until then it may come up.
        self.watches = [self.watch(cluster, kind) for kind in ("rayservices", "rayclusters")]

    def watch(self, cluster, kind):
        process = subprocess.Popen(
            ["kubectl", "--kubeconfig", cluster.kubeconfig, "get", kind, "--watch",
             "--output-watch-events", "-o", "json"],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        thread = threading.Thread(
            target=lambda: [self.look(json.loads(line)) for line in process.stdout], daemon=True)
        thread.start()
        return process, thread

    def look(self, event):
        item = event["object"]
        name = f"{item['kind']}/{item['metadata']['name']}"
        if event["type"] == "DELETED" or "deletionTimestamp" in item["metadata"]:
            return
        ills = self.ills_of(item)
        if not ills:
            self.well.add(name)
        elif name in self.well:
            self.complaints.append(f"{time.strftime('%H:%M:%S')} {name}: {', '.join(ills)}")

    @staticmethod
    def ills_of(item):
        status = item.get("status", {})
        if item["kind"] == "RayCluster":
            good = "suspended" if item["spec"].get("suspend") else "ready"
            return [] if status.get("state") == good else [f"state {status.get('state')!r}"]
        ready = next((c for c in status.get("conditions", []) if c["type"] == "Ready"), {})
        ills = [] if ready.get("status") == "True" else [f"Ready: {ready}"]
        if status.get("serviceStatus") != "Running":
            ills.append(f"serviceStatus {status.get('serviceStatus')!r}")
        # KubeRay does not look at the active one while another is made.
        upgrading = status.get("pendingServiceStatus", {}).get("rayClusterName")
        if not upgrading and not status.get("activeServiceStatus", {}).get("applicationStatuses"):
            ills.append("no applications in activeServiceStatus")
        return ills

    def ended(self):
        return any(process.poll() is not None for process, _ in self.watches)

    def stop(self):
        for process, thread in self.watches:
            if process.poll() is None:
                process.terminate()
            process.wait()
            thread.join()
