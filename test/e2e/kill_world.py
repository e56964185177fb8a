"""A world to kill an operator in: an embedded cluster that outlives it and keeps a journal, and the
real operator, which the library kill_at_sync ends at a counted sync of its log."""

import hashlib
import http.client
import json
import os
import shutil
import signal
import subprocess
import tempfile
import threading

from cluster import StoryFailed, expect, until

START_SECONDS = 120  # On a loaded machine; what an earlier kill left is read first.
KILLS_PER_VERIFICATION = 10  # Of the whole log, which grows.
STOP_SECONDS = 40
AGENT = "raycord-test"  # Everybody else's User-Agent begins otherwise.
# The story is about the operator: what it waits for is short.
SANDBOX_FLAGS = ["--journal", "--pod-start", "0.1", "--head-ready", "0.3", "--worker-ready", "0.1",
                 "--termination", "0.1", "--app-deploy", "0.05", "--app-update", "0.1",
                 "--app-delete", "0.1"]


class Tools:
    """The programs under test and the library that kills."""

    def __init__(self, directory, killer):
        self.operator = os.path.join(directory, "raycord-operator")
        self.sandbox = os.path.join(directory, "raycord-sandbox")
        self.raycord = os.path.join(directory, "raycord")
        self.killer = killer
        for path in (self.operator, self.sandbox, self.raycord, killer):
            expect(f"{path} is there", True, os.access(path, os.R_OK))


class Kill:
    """When an operator dies: "before" or "after" so many syncs of its log, counted from when it is
    told. A power cut also takes what was written to the log and not synced."""

    def __init__(self, syncs, when, power_cut):
        self.syncs, self.when, self.power_cut = syncs, when, power_cut

    def __str__(self):
        return f"{self.when} sync {self.syncs}" + (", with a power cut" if self.power_cut else "")


class World:
    def __init__(self, tools):
        self.tools = tools
        self.directory = tempfile.mkdtemp(prefix="raycord-kill.")
        self.log = os.path.join(self.directory, "log")
        self.notes = os.path.join(self.directory, "syncs")
        self.orders = os.path.join(self.directory, "orders")
        self.lines = os.path.join(self.directory, "operator.log")
        self.said_before = 0  # Bytes in there before the last start.
        self.kubeconfig = os.path.join(self.directory, "kubeconfig")
        self.sandbox = self.operator = self.supervisor = None
        self.armed = self.next = None  # The kill that comes, and the one after the next start.
        self.orders_given = 0
        self.positions = []  # The last synced event at each kill.
        self.events = {}     # Each event that was synced when the operator died: a hash.
        self.entries = []    # Of the sandbox's journal.
        self.cut_bytes = 0
        self.problem = None
        self.stopping = False
        self.lock = threading.Lock()

    # The embedded cluster.

    def start_sandbox(self):
        self.sandbox = subprocess.Popen(
            [self.tools.sandbox, "--port", "0", "--kubeconfig", self.kubeconfig, *SANDBOX_FLAGS],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
        line = self.sandbox.stdout.readline()
        expect("the sandbox says where it listens", "a URL", line, lambda got: "http://" in got)
        self.port = int(line.split("http://")[1].split(":")[1].split(".")[0].split()[0])

    def call(self, method, path, body=None, kind="application/json"):
        """Status, and the answer parsed when it is JSON."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            headers = {"User-Agent": AGENT}
            if body is not None:
                headers["Content-Type"] = kind
                body = body if isinstance(body, str) else json.dumps(body)
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            text = answer.read().decode()
        finally:
            connection.close()
        try:
            return answer.status, json.loads(text)
        except ValueError:
            return answer.status, text

    def get(self, path):
        """What is there, or None."""
        self.check()
        status, body = self.call("GET", path)
        return body if status == 200 else None

    def control(self, path, body):
        status, text = self.call("POST", path, body)
        expect(f"POST {path} {body}", 200, status, lambda got: got == 200 or print(text))

    def kubectl(self, *arguments, stdin=None):
        done = subprocess.run(
            ["kubectl", "--kubeconfig", self.kubeconfig, "--cache-dir",
             os.path.join(self.directory, "kubectl"), *arguments],
            input=stdin, capture_output=True, text=True, timeout=120)
        expect("kubectl " + " ".join(arguments), 0, done.returncode,
               lambda got: got == 0 or print(done.stderr))

    def journal(self):
        """All entries so far."""
        while True:
            known = self.entries[-1]["seq"] if self.entries else 0
            body = self.get(f"/sandbox/journal?since={known}")
            expect("entries that the journal dropped", 0, body["dropped"])
            if not body["entries"]:
                return self.entries
            self.entries += body["entries"]

    # The operator.

    def start_operator(self):
        """Starts it, and starts it again whenever it was killed as planned."""
        self.launch()
        self.supervisor = threading.Thread(target=self.supervise, daemon=True)
        self.supervisor.start()

    def arm(self, kill):
        """Kills the operator as `kill` says, counted from now, and starts it again."""
        with self.lock:
            self.give_orders(kill)

    def give_orders(self, kill):
        self.armed = kill
        self.orders_given += 1
        text = f"{self.orders_given} {kill.syncs} {kill.when}" if kill else ""
        with open(self.orders + ".new", "w") as orders:
            orders.write(text + "\n")
        os.rename(self.orders + ".new", self.orders)

    def launch(self):
        environment = dict(os.environ, LD_PRELOAD=self.tools.killer, KILL_DIRECTORY=self.log,
                           KILL_NOTES=self.notes, KILL_ORDERS=self.orders)
        command = [self.tools.operator, "--kubeconfig", self.kubeconfig, "--log-dir", self.log,
                   "--use-kubernetes-proxy", "--leader-election-namespace", "default",
                   "--metrics-addr", "0", "--health-probe-bind-address", "0"]
        with open(self.lines, "ab") as lines:
            self.said_before = lines.tell()
            self.operator = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=lines,
                                             stderr=lines, env=environment)

    def supervise(self):
        try:
            while True:
                code = self.operator.wait()
                with self.lock:
                    if self.stopping:
                        return
                    expect("the operator ends as planned", "by SIGKILL, with a kill planned",
                           f"{code}, planned: {self.armed}",
                           lambda got: code == -signal.SIGKILL and self.armed)
                    self.after_kill(self.armed)
                    self.give_orders(self.next)
                    self.next = None
                    self.launch()
        except Exception as problem:  # Told by whoever waits for something.
            self.problem = problem

    def check(self):
        if self.problem:
            raise StoryFailed(f"the operator's run\n  {self.problem}")

    def kill_now(self, power_cut, then=None):
        """Kills it at this very moment and starts it again, to die next as `then` says."""
        with self.lock:
            self.check()
            kills = len(self.positions)
            self.armed, self.next = Kill(0, "after", power_cut), then
            self.operator.send_signal(signal.SIGKILL)
        until("the operator is started again", kills + 1, lambda: len(self.positions),
              lambda got: got > kills or self.problem, START_SECONDS)
        self.check()

    def after_kill(self, kill):
        last = self.read_synced()
        self.positions.append(last)
        if kill.power_cut:
            self.cut_power()

    def read_synced(self):
        """Keeps what the log says is synced; returns the number of its last event."""
        if not os.path.exists(os.path.join(self.log, "CURRENT")):
            return 0
        known = max(self.events, default=0)
        done = self.raycord("log", "ls", "--from", str(max(known, 1)), check=False)
        if done.returncode == 2 and known == 0 and ("the log is being created" in done.stderr or
                                                    "the log holds no events" in done.stderr):
            return 0
        # On disk the mark of what is synced may lag: a power cut takes it, and it comes back with the
        # next whole start. That nothing else is gone is looked at in the end.
        if done.returncode == 2 and f"event {known} is not in the log" in done.stderr:
            return known
        expect("the log of a killed operator is readable", 0, done.returncode,
               lambda got: got == 0 or print(done.stderr))
        for event in json.loads(done.stdout):
            number, content = number_of(event), hash_of(event)
            expect(f"event {number} is what it was at the kill before",
                   self.events.get(number, content), content)
            self.events[number] = content
        last = max(self.events, default=0)
        if len(self.positions) % KILLS_PER_VERIFICATION == 0:
            expect("the log of a killed operator is intact", 0,
                   self.raycord("log", "verify", check=False).returncode)
        return last

    def cut_power(self):
        """Takes from each write-ahead log what was not synced."""
        synced = {}
        with open(self.notes, "a+") as notes:
            notes.seek(0)
            for line in notes:
                name, size = line.split()
                synced[name] = int(size)
        for name in os.listdir(self.log) if os.path.isdir(self.log) else []:
            path = os.path.join(self.log, name)
            if not name.endswith(".log"):
                continue
            kept = min(synced.get(name, 0), os.path.getsize(path))
            self.cut_bytes += os.path.getsize(path) - kept
            os.truncate(path, kept)

    def syncs(self):
        """How often the write-ahead log was synced so far."""
        with open(self.notes) as notes:
            return sum(1 for _ in notes)

    def leads(self):
        self.check()
        with self.lock, open(self.lines, "rb") as lines:  # Not between a kill and the next start.
            lines.seek(self.said_before)
            return b"leadership gained" in lines.read()

    def stop_operator(self):
        """Ends it in order, once its last start is over: before, SIGTERM just kills it."""
        until("the operator leads", True, self.leads, seconds=START_SECONDS)
        with self.lock:
            self.check()
            self.stopping = True
            self.operator.send_signal(signal.SIGTERM)
        code = self.operator.wait(STOP_SECONDS)
        expect("exit code of the operator after SIGTERM", 0, code)

    # The log.

    def raycord(self, *arguments, check=True):
        done = subprocess.run(
            [self.tools.raycord, "--log", self.log, *arguments, "-o", "json"],
            capture_output=True, text=True, timeout=300)
        if check:
            expect("raycord " + " ".join(arguments), 0, done.returncode,
                   lambda got: got == 0 or print(done.stdout[-3000:] + done.stderr))
        return done

    def list_events(self, first=1):
        return json.loads(self.raycord("log", "ls", "--from", str(first)).stdout)

    def replay(self):
        said = json.loads(self.raycord("replay").stdout)
        expect("divergences of a replay", 0, said["divergences"])

    def read_log(self):
        """All events; fails unless they are intact, replay, and hold what was ever synced."""
        expect("raycord log verify", True, json.loads(self.raycord("log", "verify").stdout)["intact"])
        self.replay()
        events = self.list_events()
        found = {number_of(event): hash_of(event) for event in events}
        lost = [number for number, hash in self.events.items() if found.get(number) != hash]
        expect("synced events that are lost or changed", [], lost)
        return events

    # The end.

    def close(self, keep=False):
        self.stopping = True
        for process in (self.operator, self.sandbox):
            if process and process.poll() is None:
                process.kill()
            if process:
                process.wait()
        if self.supervisor:
            self.supervisor.join(STOP_SECONDS)
        if self.sandbox:
            self.sandbox.stdout.close()
        if not keep:
            shutil.rmtree(self.directory, ignore_errors=True)


def number_of(event):
    return int(event["event"].split(":")[1])


def hash_of(event):
    return hashlib.sha256(json.dumps(event, sort_keys=True).encode()).digest()
