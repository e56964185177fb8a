"""Steps of the story about RayClusters of their own: what belongs to one beside pods and Services."""

import base64
import json

from cluster import expect, until

FINALIZER = "ray.io/gcs-ft-redis-cleanup-finalizer"
IMAGE = "rayproject/ray:2.52.0"
INGRESS = {"rules": [{"http": {"paths": [{
    "path": "/", "pathType": "Prefix",
    "backend": {"service": {"name": "open-head-svc", "port": {"number": 8265}}}}]}}]}


def template(name, image=IMAGE):
    return {"spec": {"containers": [{"name": name, "image": image}]}}


def manifest(name, annotations=None, image=IMAGE, head=None, hosts=1, **spec):
    return json.dumps({
        "apiVersion": "ray.io/v1", "kind": "RayCluster",
        "metadata": {"name": name, "annotations": annotations or {}},
        "spec": {"rayVersion": "2.52.0", **spec,
                 "headGroupSpec": {"rayStartParams": {}, "template": template("head", image),
                                   **(head or {})},
                 "workerGroupSpecs": [{"groupName": "small", "replicas": 1, "minReplicas": 0,
                                       "maxReplicas": 5, "rayStartParams": {},
                                       "template": template("worker"),
                                       **({"numOfHosts": hosts} if hosts > 1 else {})}]}})


class RayClusterSteps:
    """Of a story with `cluster` and `nothing_left()`."""

    def make(self, name, **kwargs):
        self.cluster.apply(manifest(name, **kwargs))
        self.wait_for_state(name)

    def wait_for_state(self, name):
        until(f"status.state of {name}", "ready", lambda: self.cluster.get(
            "raycluster", name).get("status", {}).get("state"))

    def reasons(self, name):
        return {event["reason"] for event in self.cluster.items("events.events.k8s.io")
                if event["regarding"]["name"] == name}

    def remove(self, name):
        self.cluster.kubectl("delete", "raycluster", name, "--wait=false")
        self.nothing_left()

    def step_redis(self):
        """A RayCluster that keeps its state in Redis goes when a Job has cleaned up."""
        self.make("kept", gcsFaultToleranceOptions={"redisAddress": "redis:6379"})
        expect("finalizers", [FINALIZER],
               self.cluster.get("raycluster", "kept")["metadata"]["finalizers"])
        self.remove("kept")
        expect("announced", "the Job and no force", self.reasons("kept"), lambda got:
               "CreatedRedisCleanupJob" in got and "ForceDeletedStuckCluster" not in got)

    def step_redis_stuck(self):
        """One that cannot be cleaned up goes at its time limit."""
        timeout = {"ray.io/gcs-ft-deletion-timeout": "4"}
        self.cluster.apply(manifest("stuck", timeout, "no-such-image",
                                    gcsFaultToleranceOptions={"redisAddress": "redis:6379"}))
        until("its pods", 2, lambda: len(self.cluster.names("pods")))
        self.remove("stuck")
        expect("announced", "the force", self.reasons("stuck"),
               lambda got: "ForceDeletedStuckCluster" in got)

    def step_recreate(self):
        """With the strategy Recreate another image makes all pods anew."""
        self.make("anew", upgradeStrategy={"type": "Recreate"})
        before = self.cluster.names("pods")
        self.cluster.apply(manifest("anew", image="rayproject/ray:2.53.0",
                                    upgradeStrategy={"type": "Recreate"}))
        until("other pods", 2, lambda: len(set(self.cluster.names("pods")) - set(before)))
        until("pods in all", 2, lambda: len(self.cluster.names("pods")))
        self.wait_for_state("anew")
        self.remove("anew")

    def step_open(self):
        """A RayCluster gets its token, an Ingress to its dashboard and a Service to Serve."""
        asks = {"ray.io/enable-serve-service": "true", "kubernetes.io/ingress.class": "nginx"}
        self.make("open", annotations=asks, head={"enableIngress": True},
                  authOptions={"mode": "token"})
        token = self.cluster.get("secret", "open")["data"]["auth_token"]
        expect("bytes of the token", 32, len(base64.b64decode(base64.b64decode(token))))
        expect("selector of the Service to Serve", {"ray.io/cluster": "open"},
               self.cluster.get("service", "open-serve-svc")["spec"]["selector"])
        ingress = self.cluster.get("ingress", "open-head-ingress")
        expect("spec of the Ingress", {**INGRESS, "ingressClassName": "nginx"}, ingress["spec"])
        self.cluster.kubectl("patch", "ingress", "open-head-ingress", "--type=merge", "-p",
                             json.dumps({"spec": {"rules": [{"host": "elsewhere"}]}}))
        until("the Ingress, put right", INGRESS["rules"], lambda: self.cluster.get(
            "ingress", "open-head-ingress")["spec"].get("rules"))
        self.remove("open")
        until("its Secret", None, lambda: self.cluster.get("secret", "open"))
