"""Words for our own fields, and what is left of them in each version.

A field that one version lacks is marked with `only`; `required` may differ by version."""

ONLY = "$only"
V1 = "v1"
V1ALPHA1 = "v1alpha1"


def field(type_, about, more):
    return {**({"description": about} if about else {}), "type": type_, **more}


def text(about="", **more):
    return field("string", about, more)


def one_of(about, *values):
    return field("string", about, {"enum": list(values)})


def flag(about=""):
    return field("boolean", about, {})


def int32(about="", **more):
    return field("integer", about, {"format": "int32", **more})


def int64(about="", **more):
    return field("integer", about, {"format": "int64", **more})


def time(about="", **more):
    return field("string", about, {"format": "date-time", **more})


def texts(about=""):
    """A map of text to text."""
    return field("object", about, {"additionalProperties": {"type": "string"}})


def map_of(value, about=""):
    return field("object", about, {"additionalProperties": value})


def list_of(item, about="", **more):
    return field("array", about, {"items": item, **more})


def structure(about, fields, required=(), **more):
    return field("object", about,
                 {**({"required": required} if required else {}), "properties": fields, **more})


def described(schema, about):
    """A type of Kubernetes, and what it is here."""
    return {"description": about, **schema}


def only(version, schema):
    return {ONLY: version, **schema}


def rule(cel, message):
    return {"rule": cel, "message": message}


def in_version(version, schema, keep):
    """Without the fields that `version` lacks. Schemas in `keep`, by identity, stay one object."""
    if not isinstance(schema, dict) or id(schema) in keep:
        return schema
    made = {}
    for key, value in schema.items():
        if key == ONLY:
            continue
        if key == "properties":
            value = {name: in_version(version, inner, keep)
                     for name, inner in sorted(value.items())
                     if inner.get(ONLY, version) == version}
        elif key == "required":
            value = sorted(value[version] if isinstance(value, dict) else value)
            if not value:
                continue
        elif key in ("items", "additionalProperties"):
            value = in_version(version, value, keep)
        made[key] = value
    return made


def api_version(name, kind, columns, root, status, pods):
    """One entry of spec.versions."""
    deprecated = {} if name == V1 else {
        "deprecated": True,
        "deprecationWarning": f"ray.io/{name} {kind} is deprecated; write apiVersion ray.io/v1 "
                              "instead",
    }
    about, spec = root
    schema = structure(about, {
        "apiVersion": text("The version of this manifest, ray.io/v1 or ray.io/v1alpha1."),
        "kind": text(f"{kind}."),
        "metadata": {"type": "object"},
        "spec": spec,
        "status": status,
    })
    return {
        "name": name, "served": True, "storage": name == V1, **deprecated,
        "subresources": {"status": {}},
        **({"additionalPrinterColumns": columns} if columns else {}),
        "schema": {"openAPIV3Schema": in_version(name, schema, set(pods.names()))},
    }


def column(name, type_, path, priority=0):
    return {"name": name, "type": type_, "jsonPath": path,
            **({"priority": priority} if priority else {})}


def crd(kind, versions):
    plural = kind.lower() + "s"
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{plural}.ray.io"},
        "spec": {
            "group": "ray.io",
            "names": {"categories": ["all"], "kind": kind, "listKind": f"{kind}List",
                      "plural": plural, "singular": kind.lower()},
            "scope": "Namespaced",
            "versions": versions,
        },
    }


def conditions():
    """Kubernetes' own form of conditions."""
    label = "[a-z0-9]([-a-z0-9]*[a-z0-9])?"
    return list_of(structure("", {
        "type": text(maxLength=316, pattern=rf"^({label}(\.{label})*/)?"
                                            r"(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])$"),
        "status": {"type": "string", "enum": ["True", "False", "Unknown"]},
        "reason": text("Why, in one word.", minLength=1, maxLength=1024,
                       pattern=r"^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$"),
        "message": text("Why, in a sentence.", maxLength=32768),
        "lastTransitionTime": time("When status changed last."),
        "observedGeneration": int64("The generation that this is about.", minimum=0),
    }, required=["lastTransitionTime", "message", "reason", "status", "type"]),
        "What is so, what is not, and since when.",
        **{"x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["type"]})
