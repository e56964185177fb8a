"""Steps of the story about the admission webhook, with the chart's objects and rights for it."""

import base64
import json
import os

from cluster import expect, until
from raycluster_steps import manifest

GOLDEN = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "chart",
                      "golden", "webhook.yaml")
CONFIGURATION = "ValidatingWebhookConfiguration"
ADDRESS = "127.0.0.1:9443"  # Services are not routed in this world.
STALE = "stale"


def each_object(text):
    decoder, at = json.JSONDecoder(), 0
    while text[at:].strip():
        at += len(text[at:]) - len(text[at:].lstrip())
        found, at = decoder.raw_decode(text, at)
        yield from found["items"] if found["kind"] == "List" else [found]


def service(name, **spec):
    cluster = json.loads(manifest("x"))["spec"]
    return json.dumps({"apiVersion": "ray.io/v1", "kind": "RayService", "metadata": {"name": name},
                       "spec": {"rayClusterConfig": cluster, **spec}})


class WebhookSteps:
    """Of a story with `cluster`, `operator`, `step_start()` and `nothing_left()`."""

    def webhook_objects(self):
        """(those of the webhook, the flags of the pod) as the chart makes them."""
        text = self.cluster.kubectl("create", "--dry-run=client", "-o", "json", "-f", GOLDEN)
        objects = list(each_object(text))
        for item in objects:
            if item["kind"] == CONFIGURATION:
                for webhook in item["webhooks"]:
                    path = webhook["clientConfig"].pop("service")["path"]
                    webhook["clientConfig"]["url"] = f"https://{ADDRESS}{path}"
        arguments = next(item["spec"]["template"]["spec"]["containers"][0]["args"]
                         for item in objects if item["kind"] == "StatefulSet")
        flags = [flag for flag in arguments if flag.startswith(("--enable-webhooks", "--webhook-"))]
        expect("flags of the webhook", 6, len(flags))
        return [item for item in objects if item["metadata"]["name"] == "raycord-webhook"], flags

    def ready_reason(self, name):
        conditions = self.cluster.get("rayservice", name).get("status", {}).get("conditions", [])
        return next((c["reason"] for c in conditions if c["type"] == "Ready"), None)

    def attempt(self, text, *arguments):
        return self.cluster.kubectl("apply", *arguments, "-f", "-", stdin=text, check=False)

    def refused(self, what, text, said):
        expect(f"{what} is refused", said, self.attempt(text),
               lambda got: got[0] != 0 and said in got[1])

    def step_webhook_on(self):
        """The admission webhook is switched on, while an invalid RayService is there."""
        self.cluster.apply(service(STALE, upgradeStrategy={"type": "Sideways"}))
        until(f"why {STALE} is not ready", "ValidationFailed", lambda: self.ready_reason(STALE))
        objects, flags = self.webhook_objects()
        self.cluster.apply(json.dumps({"apiVersion": "v1", "kind": "List", "items": objects}))
        expect("exit code", 0, self.operator.stop())
        flags = [f"--webhook-address={ADDRESS}" if flag.startswith("--webhook-address") else flag
                 for flag in flags]
        self.operator.command += [*flags, f"--webhook-names={ADDRESS.split(':')[0]}"]
        self.step_start()
        for right, granted in (("get secrets/raycord-webhook-cert -n ray-system", "yes"),
                               ("update secrets/raycord-webhook-cert -n ray-system", "yes"),
                               ("update secrets/other -n ray-system", "no"),
                               (f"patch {CONFIGURATION}/raycord-webhook", "yes"),
                               (f"patch {CONFIGURATION}/other", "no"),
                               (f"update {CONFIGURATION}/raycord-webhook", "no")):
            words = self.cluster.kubectl("auth", "can-i", *right.split(), "--as", self.user,
                                         check=False)[1].split()
            expect(f"can it {right}", granted, words, lambda got, granted=granted: granted in got)

        def authorities():
            configuration = self.cluster.get(CONFIGURATION, "raycord-webhook")
            return {base64.b64decode(webhook["clientConfig"].get("caBundle", ""))[:27]
                    for webhook in configuration["webhooks"]}
        until("authorities that the API server trusts", {b"-----BEGIN CERTIFICATE-----"},
              authorities)

    def step_webhook_refuses(self):
        """kubectl apply says at once what is invalid; what is valid passes."""
        bad = service("bad", upgradeStrategy={"type": "Sideways"})
        said = ('The RayService "bad" is invalid: spec.upgradeStrategy.type: '
                '"Sideways": NewCluster')
        until("an invalid RayService is refused", said,
              lambda: self.attempt(bad, "--dry-run=server"),
              lambda got: got[0] != 0 and said in got[1])
        self.refused("an invalid RayService", bad, said)
        group = json.loads(manifest("x"))["spec"]["workerGroupSpecs"][0]
        cluster = json.loads(manifest("bad"))
        cluster["spec"]["workerGroupSpecs"] = [{**group, "minReplicas": 6}]
        self.refused("an invalid RayCluster", json.dumps(cluster),
                     "spec.workerGroupSpecs[0].minReplicas: 6: at most maxReplicas, which is 5")
        cluster["spec"]["workerGroupSpecs"] = [group, group]
        self.refused("a RayCluster with two groups of one name", json.dumps(cluster),
                     'spec.workerGroupSpecs[1].groupName: "small": a name that no other group')
        old = json.loads(service("1st"))
        old["apiVersion"] = "ray.io/v1alpha1"
        self.refused("an invalid RayService in v1alpha1", json.dumps(old), 'metadata.name: "1st"')
        for good in (service("good"), manifest("good")):
            code, text = self.attempt(good, "--dry-run=server")
            expect("a valid manifest", 0, code, lambda got, text=text: got == 0 or print(text))
        expect("what was refused is not there", [STALE], self.cluster.names("rayservice"))

    def step_webhook_forgives(self):
        """What was invalid before can be labelled and deleted, and not be made worse."""
        self.cluster.kubectl("label", "rayservice", STALE, "team=fruit")
        worse = service(STALE, upgradeStrategy={"type": "Sideways"},
                        rayClusterConfig={**json.loads(manifest("x"))["spec"], "tlsOptions": {}})
        self.refused("another mistake", worse, "spec.rayClusterConfig.tlsOptions: set: not ")
        finalizers = self.cluster.get("rayservice", STALE)["metadata"]["finalizers"]
        expect("finalizers", ["ray.io/rayservice-finalizer"], finalizers)
        self.cluster.kubectl("delete", "rayservice", STALE, "--timeout=20s")
        self.nothing_left()

    def step_webhook_off(self):
        """The webhook's objects and its Secret are deleted."""
        objects, _ = self.webhook_objects()
        secret = {"apiVersion": "v1", "kind": "Secret",
                  "metadata": {"name": "raycord-webhook-cert", "namespace": "ray-system"}}
        self.cluster.kubectl("delete", "-f", "-", stdin=json.dumps(
            {"apiVersion": "v1", "kind": "List", "items": [*objects, secret]}))
