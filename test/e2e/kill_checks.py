"""Compares what an embedded cluster was asked for with what an operator's log says was decided."""

import re
from datetime import datetime, timedelta

from cluster import expect

OPERATOR = "raycord-operator"
SERVE_CONFIG = "/proxy/api/serve/applications"
# Which effects may come as which request. What is not here, an operator never sends.
EFFECTS = {
    ("POST", "rayclusters"): {"CreateCluster"},
    ("POST", "pods"): {"CreatePod"},
    ("POST", "services"): {"CreateService"},
    ("POST", "serviceaccounts"): {"CreateDependent"},
    ("POST", "roles"): {"CreateDependent"},
    ("POST", "rolebindings"): {"CreateDependent"},
    ("POST", "jobs"): {"CreateDependent"},
    ("POST", "ingresses"): {"CreateDependent"},
    ("POST", "secrets"): {"CreateDependent"},
    ("POST", "gateways"): {"WriteRouting"},
    ("POST", "httproutes"): {"WriteRouting"},
    ("PATCH", "rayclusters"): {"UpdateClusterGroups", "RememberOnCluster", "SetFinalizer"},
    ("PATCH", "rayclusters/status"): {"WriteClusterStatus"},
    ("PATCH", "rayservices"): {"SetFinalizer", "RememberOnService"},
    ("PATCH", "rayservices/status"): {"WriteServiceStatus"},
    ("PATCH", "services"): {"SwitchService"},
    ("PATCH", "pods"): {"LabelPod", "StampHead"},
    ("PATCH", "ingresses"): {"UpdateIngress"},
    ("PATCH", "gateways"): {"WriteRouting"},
    ("PATCH", "httproutes"): {"WriteRouting"},
    ("DELETE", "rayclusters"): {"DeleteObject"},
    ("DELETE", "pods"): {"DeleteObject"},
    ("DELETE", "services"): {"DeleteObject"},
    ("DELETE", "gateways"): {"DeleteObject"},
    ("DELETE", "httproutes"): {"DeleteObject"},
    ("PUT", "serve"): {"PutServeConfig"},
}
# Beside decisions there are the Lease and announcements, which name the event they tell of.
UNDECIDED = {"leases", "events"}
CLOCKS_APART = timedelta(milliseconds=5)  # Two processes read the clock; both cut milliseconds.


class Request:
    """A write of the journal: which resource of which object."""

    def __init__(self, entry):
        self.entry = entry
        self.method, self.code = entry["method"], entry["code"]
        self.whole = entry.get("body")  # A JSON patch is a list.
        self.body = self.whole if isinstance(self.whole, dict) else {}
        self.at = datetime.fromisoformat(entry["t"])
        self.by_operator = entry["agent"].startswith(OPERATOR)
        path = entry["path"]
        if SERVE_CONFIG in path:
            self.resource, self.namespace, self.name = "serve", *proxied(path)
            return
        match = re.search(r"/namespaces/([^/]+)/([^/]+)(?:/([^/]+)(/status)?)?$", path)
        self.namespace, self.resource, self.name = (
            (match[1], match[2] + (match[4] or ""), match[3]) if match else ("", path, ""))
        if self.name is None:
            self.name = self.body.get("metadata", {}).get("name")

    def annotation(self, name):
        return self.body.get("metadata", {}).get("annotations", {}).get(name)

    @property
    def done(self):
        return 200 <= self.code < 300

    def __str__(self):
        return f"{self.method} {self.resource} {self.namespace}/{self.name} -> {self.code}"


def proxied(path):
    """Namespace and RayCluster behind a path through the API server's proxy."""
    match = re.search(r"/namespaces/([^/]+)/(?:services|pods)/([^/]+)/proxy/", path)
    host = match[2].split(":")[0].replace("%3A", ":").split(":")[0]
    return match[1], re.sub(r"-head(-svc|-[a-z0-9]{5})$", "", host)


def target_of(effect):
    """Namespace and name of what a decision writes to."""
    if effect["kind"] == "DeleteObject":
        namespace, name = effect["object"].split(" ")[-1].split("/")[-2:]
        return namespace, name
    return effect["namespace"], effect.get("name") or effect.get("cluster")


def decisions_of(events):
    return {event["event"]: event for event in events if event["kind"] == "Decision"}


def check_all(entries, events):
    """Everything that must hold at every moment; returns how many writes were compared."""
    requests = [Request(entry) for entry in entries if "deployed" not in entry]
    ours = [request for request in requests if request.by_operator]
    expect("writes of the operator in the journal", "some", len(ours), lambda got: got > 0)
    compared = check_writes(ours, events)
    check_clusters(requests)
    check_configs(entries)
    return compared


def check_writes(requests, events):
    """Each write was decided, in the log, before it was sent, and each decision sent at most once."""
    decisions = decisions_of(events)
    all_events = {event["event"] for event in events}
    open_decisions = {}
    for name, decision in decisions.items():
        effect = decision["effect"]
        open_decisions.setdefault((effect["kind"], *target_of(effect)), {})[name] = decision
    compared = 0
    for request in requests:
        if request.resource in UNDECIDED:
            if request.resource == "events":
                expect(f"the log has the event that {request} tells of", "an event of the log",
                       request.annotation("raycord.io/event"), lambda got: got in all_events)
            continue
        kinds = EFFECTS.get((request.method, request.resource))
        expect(f"{request} is a write that an operator sends", True, kinds is not None)
        candidates = {}
        for kind in kinds:
            candidates.update(open_decisions.get((kind, request.namespace, request.name), {}))
        candidates = {name: decision for name, decision in candidates.items()
                      if datetime.fromisoformat(decision["time"]) <= request.at + CLOCKS_APART
                      and is_content(decision["effect"], request)}
        intent = request.annotation("raycord.io/intent")
        if request.method == "POST":
            expect(f"{request} carries a decision of the log that was not sent before",
                   sorted(candidates), intent, lambda got: got in candidates)
        expect(f"{request} at {request.entry['t']} was decided and not sent before",
               "a decision in the log", sorted(candidates), lambda got: len(got) > 0)
        used = intent if intent in candidates else min(
            candidates, key=lambda name: int(name.split(":")[1]))
        del open_decisions[(decisions[used]["effect"]["kind"], request.namespace,
                            request.name)][used]
        compared += 1
    return compared


def is_content(effect, request):
    """Whether the request is what the decision asks for, as far as both say it."""
    kind, body = effect["kind"], request.body
    if kind == "DeleteObject":
        return body.get("preconditions", {}).get("uid") == effect["uid"]
    if kind == "SwitchService":
        return body.get("spec", {}).get("selector", {}).get("ray.io/cluster") == effect["selects"]
    if kind == "CreateCluster":
        return request.annotation("raycord.io/spec-revision") == effect["specRevision"]
    if kind == "SetFinalizer":
        return "finalizers" in str(request.whole)
    if kind in ("RememberOnService", "RememberOnCluster"):
        return "finalizers" not in str(request.whole)
    return True


def check_clusters(requests):
    """Never a third RayCluster of a RayService, never a deletion of the one that serves."""
    alive, serves, left = {}, {}, set()
    for request in requests:
        if not request.done:
            continue
        body, key = request.body, (request.namespace, request.name)
        if request.resource == "rayservices":
            if request.method == "DELETE":
                left.add(key)
            elif request.method == "POST":
                left.discard(key)
                alive[key] = set()
        elif request.resource == "rayclusters" and request.method == "POST":
            owner = (request.namespace, body["metadata"]["ownerReferences"][0]["name"])
            alive.setdefault(owner, set()).add(request.name)
            expect(f"RayClusters of {owner} at {request.entry['t']}", "at most two",
                   sorted(alive[owner]), lambda got: len(got) <= 2)
        elif request.resource == "rayclusters" and request.method == "DELETE":
            for owner, clusters in alive.items():
                if request.name in clusters and request.namespace == owner[0]:
                    clusters.discard(request.name)
                    expect(f"{request} at {request.entry['t']} takes nothing that serves",
                           f"not {request.name}", serves.get(owner),
                           lambda got: got != request.name or owner in left)
        elif request.resource == "services" and (request.name or "").endswith("-serve-svc"):
            selected = body.get("spec", {}).get("selector", {}).get("ray.io/cluster")
            if selected:
                serves[(request.namespace, request.name[:-len("-serve-svc")])] = selected


def check_configs(entries):
    """No second PUT of a config after a GET has shown it deployed."""
    shown = {}
    for entry in entries:
        if SERVE_CONFIG not in entry["path"]:
            continue
        cluster = proxied(entry["path"])
        if "deployed" in entry:
            if entry["agent"].startswith(OPERATOR):
                shown[cluster] = entry["deployed"]
            continue
        asked = {app["name"]: app for app in entry["body"]["applications"]}
        expect(f"PUT of a config to {cluster} at {entry['t']}", "one that was not shown deployed",
               asked, lambda got: got != shown.get(cluster))
        if entry["code"] == 200:
            shown.pop(cluster, None)
