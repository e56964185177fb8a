"""Kubernetes' own types as structural schemas.

An API server publishes each type once, with references between them, in /openapi/v3. `cut_down`
keeps the types that our definitions reach, and of them what a structural schema can say. `Types`
puts them together."""

import json

DOCUMENTS = ("/openapi/v3/api/v1", "/openapi/v3/apis/networking.k8s.io/v1")

# What our definitions embed; all else is reached from here.
ROOTS = (
    "core.v1.PodTemplateSpec", "core.v1.Service", "core.v1.EnvVar", "core.v1.EnvFromSource",
    "core.v1.EnvVarSource", "core.v1.VolumeMount", "core.v1.ResourceRequirements",
    "core.v1.SecurityContext", "networking.v1.IngressTLS", "networking.v1.NetworkPolicyIngressRule",
    "networking.v1.NetworkPolicyEgressRule",
)

KEPT = ("type", "format", "required", "default", "x-kubernetes-list-type",
        "x-kubernetes-list-map-keys", "x-kubernetes-map-type")

# No pod can be made with it, and it is a fifth of a pod template.
LEFT_OUT = {"core.v1.PodSpec": "ephemeralContainers"}

METADATA = "meta.v1.ObjectMeta"
QUANTITY = {
    "anyOf": [{"type": "integer"}, {"type": "string"}],
    "pattern": r"^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([KMGTPE]i|[numkMGTPE]|[eE][+-]?[0-9]+)?$",
    "x-kubernetes-int-or-string": True,
}
STRINGS = {"type": "object", "additionalProperties": {"type": "string"}}

# Types that are no object of named fields, or of which a definition keeps less.
SPECIAL = {
    "api.resource.Quantity": QUANTITY,
    "util.intstr.IntOrString": {
        "anyOf": [{"type": "integer"}, {"type": "string"}],
        "x-kubernetes-int-or-string": True,
    },
    "meta.v1.Time": {"type": "string", "format": "date-time"},
    METADATA: {
        "type": "object",
        "properties": {
            "annotations": STRINGS,
            "finalizers": {"type": "array", "items": {"type": "string"}},
            "labels": STRINGS,
            "name": {"type": "string"},
            "namespace": {"type": "string"},
        },
    },
}


def short(reference):
    """core.v1.Pod of #/components/schemas/io.k8s.api.core.v1.Pod."""
    name = reference.split("/")[-1]
    for prefix in ("io.k8s.apimachinery.pkg.apis.", "io.k8s.apimachinery.pkg.", "io.k8s.api."):
        if name.startswith(prefix):
            return name[len(prefix):]
    return name


def reduced(schema, required=False):
    """What we keep of a published schema; references become {"of": NAME}."""
    if "$ref" in schema:
        return {"of": short(schema["$ref"])}
    if "allOf" in schema:  # A reference with a description or a default beside it.
        return {"of": short(schema["allOf"][0]["$ref"])}
    kept = {key: schema[key] for key in KEPT if key in schema}
    # The document gives required fields Go's zero value as default, and objects an empty object.
    # As a default of ours it would make an absent field a present one.
    if required or kept.get("default") == {}:
        kept.pop("default", None)
    # Lists are atomic when nothing is said.
    if kept.get("x-kubernetes-list-type") == "atomic":
        del kept["x-kubernetes-list-type"]
    needed = schema.get("required", [])
    if "properties" in schema:
        kept["properties"] = {name: reduced(field, name in needed)
                              for name, field in schema["properties"].items()}
    for key in ("items", "additionalProperties"):
        if key in schema:
            kept[key] = reduced(schema[key], required=True)
    return kept


def reached(schema):
    if isinstance(schema, dict):
        if "of" in schema and isinstance(schema["of"], str):
            yield schema["of"]
        for inner in schema.values():
            yield from reached(inner)


def cut_down(version, schemas):
    """The text of kubernetes.json."""
    by_name = {short(name): schema for name, schema in schemas.items()}
    types = {}
    left = list(ROOTS)
    while left:
        name = left.pop()
        if name in types or name in SPECIAL:
            continue
        types[name] = reduced(by_name[name])
        types[name].get("properties", {}).pop(LEFT_OUT.get(name), None)
        left += reached(types[name])
    document = {"kubernetes": version, "types": types}
    return json.dumps(document, indent=1, sort_keys=True) + "\n"


class Types:
    """Each type is one Python object, however often it is used: the writer gives it one anchor."""

    def __init__(self, types):
        self.types = types
        self.made = {}

    def __getitem__(self, name):
        if name not in self.made:
            self.made[name] = SPECIAL[name] if name in SPECIAL else self.built(self.types[name])
        return self.made[name]

    def built(self, schema):
        if "of" in schema and isinstance(schema["of"], str):
            return self[schema["of"]]
        made = {key: schema[key] for key in KEPT if key in schema}
        if "properties" in schema:
            made["properties"] = {name: self.built(field)
                                  for name, field in sorted(schema["properties"].items())}
        for key in ("items", "additionalProperties"):
            if key in schema:
                made[key] = self.built(schema[key])
        self.check_keys(made)
        return made

    @staticmethod
    def check_keys(made):
        """A key of a list must be there: required, or with a default."""
        for key in made.get("x-kubernetes-list-map-keys", []):
            item = made["items"]
            if key not in item.get("required", []) and "default" not in item["properties"][key]:
                del made["x-kubernetes-list-type"], made["x-kubernetes-list-map-keys"]
                return

    def names(self):
        """Anchors, by the identity of the object."""
        return {id(schema): name.rsplit(".", 1)[-1] for name, schema in self.made.items()}
