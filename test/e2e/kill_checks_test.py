"""Each check of kill_checks.py fails when what it looks for is not so."""

import copy
import unittest

from cluster import StoryFailed
from kill_checks import check_all

CLUSTERS = "/apis/ray.io/v1/namespaces/default/rayclusters"
SERVICES = "/api/v1/namespaces/default/services"
SERVE = f"{SERVICES}/{{}}-head-svc:dashboard/proxy/api/serve/applications/"
CONFIG = {"applications": [{"name": "app", "import_path": "a.b"}]}


def time(second):
    return f"2026-01-01T00:00:{second:02}.000Z"


def decision(seq, second, **effect):
    return {"event": f"kljzq:{seq}", "time": time(second), "kind": "Decision",
            "effect": {"namespace": "default", **effect}}


def request(second, method, path, code, body=None, agent="raycord-operator/1"):
    return {"t": time(second), "method": method, "path": path, "code": code, "agent": agent,
            "body": body or {}}


def create_cluster(seq, second, name):
    body = {"metadata": {"name": name, "ownerReferences": [{"name": "llm"}],
                         "annotations": {"raycord.io/intent": f"kljzq:{seq}",
                                         "raycord.io/spec-revision": "abc"}}}
    return (decision(seq, second, kind="CreateCluster", name=name, specRevision="abc"),
            request(second, "POST", CLUSTERS, 201, body))


def serve_on(seq, second, name):
    body = {"metadata": {"name": "llm-serve-svc",
                         "annotations": {"raycord.io/intent": f"kljzq:{seq}"}},
            "spec": {"selector": {"ray.io/cluster": name}}}
    return (decision(seq, second, kind="CreateService", name="llm-serve-svc", selects=name),
            request(second, "POST", SERVICES, 201, body))


def delete_cluster(seq, second, name):
    return ({"event": f"kljzq:{seq}", "time": time(second), "kind": "Decision",
             "effect": {"kind": "DeleteObject", "object": f"RayCluster default/{name}",
                        "uid": f"uid-{name}"}},
            request(second, "DELETE", f"{CLUSTERS}/{name}", 200,
                    {"preconditions": {"uid": f"uid-{name}"}}))


def put_config(seq, second, cluster):
    return (decision(seq, second, kind="PutServeConfig", cluster=cluster),
            request(second, "PUT", SERVE.format(cluster), 200, CONFIG))


def shown(second, cluster):
    return {"t": time(second), "method": "GET", "path": SERVE.format(cluster), "code": 200,
            "agent": "raycord-operator/1", "deployed": {"app": CONFIG["applications"][0]}}


class ChecksTest(unittest.TestCase):
    def setUp(self):
        self.story = [create_cluster(1, 1, "a"), put_config(2, 2, "a"), serve_on(3, 4, "a"),
                      create_cluster(4, 5, "b")]

    def check(self, more=(), seen=()):
        story = self.story + list(more)
        entries = [entry for _, entry in story] + list(seen)
        entries.sort(key=lambda entry: entry["t"])
        return check_all(entries, [event for event, _ in story])

    def refuses(self, words, more=(), seen=()):
        with self.assertRaisesRegex(StoryFailed, words):
            self.check(more, seen)

    def test_a_good_story_passes(self):
        self.assertEqual(self.check(seen=[shown(3, "a")]), 4)
        self.assertEqual(self.check([delete_cluster(5, 6, "b"), create_cluster(6, 7, "c")]), 6)

    def test_a_write_without_a_decision_is_found(self):
        _, entry = delete_cluster(5, 6, "b")
        self.refuses("was decided and not sent before", seen=[entry])

    def test_a_write_of_another_object_is_found(self):
        event, entry = delete_cluster(5, 6, "b")
        entry["body"]["preconditions"]["uid"] = "another"
        self.refuses("was decided and not sent before", [(event, entry)])

    def test_a_decision_that_was_sent_twice_is_found(self):
        _, entry = copy.deepcopy(self.story[1])
        entry["t"] = time(3)
        self.refuses("was decided and not sent before", seen=[entry])

    def test_a_write_before_its_decision_is_found(self):
        event, entry = create_cluster(5, 7, "c")
        entry["t"] = time(6)
        self.refuses("carries a decision of the log", [delete_cluster(4, 5, "b"), (event, entry)])

    def test_another_intent_is_found(self):
        event, entry = serve_on(5, 6, "b")
        entry["body"]["metadata"]["annotations"]["raycord.io/intent"] = "kljzq:1"
        self.refuses("carries a decision of the log", [(event, entry)])

    def test_a_third_cluster_is_found(self):
        self.refuses("at most two", [create_cluster(5, 6, "c")])

    def test_a_deletion_of_what_serves_is_found(self):
        self.refuses("takes nothing that serves", [delete_cluster(5, 6, "a")])

    def test_a_second_put_of_what_was_shown_is_found(self):
        self.refuses("one that was not shown deployed", [put_config(5, 6, "a")], [shown(3, "a")])

    def test_a_write_that_no_operator_sends_is_found(self):
        path = "/api/v1/namespaces/default/configmaps"
        self.refuses("is a write that an operator sends", seen=[request(6, "POST", path, 201)])

    def test_an_announcement_of_nothing_is_found(self):
        path = "/apis/events.k8s.io/v1/namespaces/default/events"
        body = {"metadata": {"name": "e", "annotations": {"raycord.io/event": "kljzq:99"}}}
        self.refuses("the log has the event", seen=[request(6, "POST", path, 201, body)])


if __name__ == "__main__":
    unittest.main()
