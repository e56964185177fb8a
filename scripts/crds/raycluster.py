"""The fields of RayCluster; RayService has the spec of one below rayClusterConfig."""

from .own import (V1, V1ALPHA1, api_version, column, conditions, crd, described, flag, int32, int64,
                  list_of, map_of, one_of, only, rule, structure, text, texts, time)

ABOUT = """\
# RayCluster: one Ray cluster of a head pod and groups of worker pods.
# Written by scripts/make_crds.py from scripts/crds/raycluster.py and Kubernetes' own types.
"""

INT32_MAX = 2147483647


def managed_by():
    return text("Who manages this object: anything but ray.io/kuberay-operator is left alone by "
                "this operator. Cannot be changed.",
                **{"x-kubernetes-validations": [
                    rule("self == oldSelf", "managedBy cannot be changed"),
                    rule("self in ['ray.io/kuberay-operator', 'kueue.x-k8s.io/multikueue']",
                         "managedBy is ray.io/kuberay-operator or kueue.x-k8s.io/multikueue"),
                ]})


def group_fields(pods):
    """What the head and the groups of workers have in common."""
    return {
        "rayStartParams": texts("Flags of `ray start`, without the dashes; \"true\" is a flag "
                                "without a value."),
        "resources": only(V1, texts("Ray's logical resources, as quantities, in place of those of "
                                    "the container; not together with num-cpus, num-gpus, memory "
                                    "or resources in rayStartParams.")),
        "labels": only(V1, texts("Labels of the Ray nodes, and of their pods.")),
        "template": described(pods["core.v1.PodTemplateSpec"],
                              "The pods; their first container runs Ray."),
    }


def head(pods):
    return structure("The head: dashboard, global control store, and what drives the cluster.", {
        **group_fields(pods),
        "serviceType": text("Type of the head Service; ClusterIP when absent."),
        "headService": described(pods["core.v1.Service"],
                                 "Metadata and spec that are added to the head Service."),
        "enableIngress": flag("Makes an Ingress to the dashboard."),
        "ingressOptions": only(V1, structure("How the Ingress looks.", {
            "host": text("The host it answers to; any when absent."),
            "path": text("The path it answers to; / when absent."),
            "pathType": one_of("How the path is compared; Prefix when absent.",
                               "Exact", "Prefix", "ImplementationSpecific"),
            "tls": list_of(pods["networking.v1.IngressTLS"], "Its certificates."),
        })),
    }, required={V1: ["template"], V1ALPHA1: ["rayStartParams", "template"]})


def worker_group(pods):
    required = ["groupName", "maxReplicas", "minReplicas", "template"]
    return structure("", {
        **group_fields(pods),
        "groupName": text("Name of the group; each group has one of its own."),
        "replicas": int32("How many replicas are wanted; kept between minReplicas and maxReplicas.",
                          default=0),
        "minReplicas": int32("The least replicas.", default=0),
        "maxReplicas": int32("The most replicas.", default=INT32_MAX),
        "numOfHosts": only(V1, int32("Pods of one replica, which come and go together.",
                                     default=1)),
        "idleTimeoutSeconds": only(V1, int32("How long a worker may be idle before Ray's "
                                             "autoscaler v2 removes it.")),
        "priority": only(V1, int32("Which groups Ray's autoscaler v2 grows first; the highest "
                                   "does.", default=0)),
        "suspend": only(V1, flag("Takes the pods of this group down.")),
        "scaleStrategy": structure("Which pods go when there are fewer; of Ray's autoscaler.", {
            "workersToDelete": list_of({"type": "string"}, "Names of pods that are to go."),
        }),
    }, required={V1: required, V1ALPHA1: required + ["rayStartParams"]})


def autoscaler(pods):
    return structure("Ray's autoscaler, a container beside the head.", {
        "version": only(V1, one_of("Which autoscaler; Ray's own choice when absent.", "v1", "v2")),
        "image": text("Its image; that of the head when absent."),
        "imagePullPolicy": text("When its image is pulled."),
        "idleTimeoutSeconds": int32("How long a worker may be idle before it is removed."),
        "upscalingMode": one_of("How fast workers are added: Conservative waits for pending ones.",
                                "Default", "Aggressive", "Conservative"),
        "resources": described(pods["core.v1.ResourceRequirements"],
                               "Its requests and limits."),
        "securityContext": described(pods["core.v1.SecurityContext"],
                                     "Its privileges."),
        "env": list_of(pods["core.v1.EnvVar"], "Its environment."),
        "envFrom": list_of(pods["core.v1.EnvFromSource"], "Where more of its environment is."),
        "volumeMounts": list_of(pods["core.v1.VolumeMount"],
                                "What it mounts of the head's volumes."),
        "command": only(V1, list_of({"type": "string"}, "Its command, in place of the usual one.")),
        "args": only(V1, list_of({"type": "string"}, "Arguments of the command.")),
    })


def credential(pods, about):
    return structure(about, {
        "value": text("As it is."),
        "valueFrom": described(pods["core.v1.EnvVarSource"], "Where it is read from."),
    })


def fault_tolerance(pods):
    return structure("Keeps the state of the global control store outside the head.", {
        "backend": one_of("Where it is kept; redis when absent. Cannot be changed.",
                          "redis", "rocksdb") | {"x-kubernetes-validations": [
                              rule("self == oldSelf", "backend cannot be changed")]},
        "redisAddress": text("Address of Redis."),
        "redisUsername": credential(pods, "User of Redis."),
        "redisPassword": credential(pods, "Password of Redis."),
        "externalStorageNamespace": text("Prefix of this cluster's keys in Redis; the object's UID "
                                         "when absent."),
        "storage": structure("The volume of backend rocksdb.", {
            "claimName": text("A volume claim that is there; not with size, storageClassName or "
                              "accessModes."),
            "size": described(pods["api.resource.Quantity"],
                              "Size of a new claim; 1Gi when absent."),
            "storageClassName": text("Class of a new claim."),
            "accessModes": list_of({"type": "string"}, "Access modes of a new claim; ReadWriteOnce "
                                                       "when absent."),
            "subPath": text("Folder in the volume."),
            "deletionPolicy": one_of("What becomes of the claim when the cluster is deleted; "
                                     "DeleteWithCluster when absent.",
                                     "DeleteWithCluster", "Retain"),
        }),
    })


def network_policy(pods):
    rules = {
        "ingressRules": list_of(pods["networking.v1.NetworkPolicyIngressRule"],
                                "Who may connect to these pods."),
        "egressRules": list_of(pods["networking.v1.NetworkPolicyEgressRule"],
                               "Where these pods may connect to."),
    }
    return structure("Which connections Ray's pods may have.", {
        "mode": one_of("What is denied unless a rule allows it.",
                       "DenyAll", "DenyAllIngress", "DenyAllEgress") | {"default": "DenyAll"},
        "head": structure("Rules for the head.", rules),
        "worker": structure("Rules for all workers.", rules),
        "workerGroups": list_of(structure("", {"groupName": text("The group."), **rules},
                                          required=["groupName"]),
                                "Rules for single groups of workers.",
                                **{"x-kubernetes-list-type": "map",
                                   "x-kubernetes-list-map-keys": ["groupName"]}),
    })


def history_server(pods):
    collector = structure("The container that collects it.", {
        "image": text("Its image."),
        "imagePullPolicy": text("When its image is pulled."),
        "env": list_of(pods["core.v1.EnvVar"], "Its environment; STORAGE_BACKEND says where to."),
        "resources": described(pods["core.v1.ResourceRequirements"], "Its requests and limits."),
    })
    return structure("Keeps what Ray's history server shows after the cluster has gone.",
                     {"collectorOptions": collector})


def spec(pods, about):
    return structure(about, {
        "rayVersion": text("Ray's version in the images; it decides which of Ray's features are "
                           "used."),
        "headGroupSpec": head(pods),
        "workerGroupSpecs": list_of(worker_group(pods), "The groups of workers."),
        "enableInTreeAutoscaling": flag("Lets Ray's autoscaler set the replicas of the groups."),
        "autoscalerOptions": autoscaler(pods),
        "headServiceAnnotations": texts("Annotations of the head Service."),
        "suspend": flag("Takes all pods down and keeps the object."),
        "managedBy": only(V1, managed_by()),
        "upgradeStrategy": only(V1, structure("What a changed pod template does.", {
            "type": one_of("Recreate replaces all pods; None, also when absent, is for new pods "
                           "only.", "Recreate", "None"),
        })),
        "authOptions": only(V1, structure("Who may talk to Ray.", {
            "mode": one_of("token asks every client for the cluster's token.",
                           "disabled", "token"),
            "secretName": text("The Secret with the token; one is made when absent."),
            "enableK8sTokenAuth": flag("Tokens of Kubernetes in place of a Secret's."),
        })),
        "gcsFaultToleranceOptions": only(V1, fault_tolerance(pods)),
        "networkPolicy": only(V1, network_policy(pods)),
        "tlsOptions": only(V1, structure("Encryption between Ray's nodes.", {
            "enabled": flag("Whether there is any."),
        })),
        "historyServerOptions": only(V1, history_server(pods)),
    }, required=["headGroupSpec"])


def status(pods, about):
    quantity = pods["api.resource.Quantity"]
    return structure(about, {
        "state": text("ready, suspended or failed; nothing before that."),
        "reason": text("Why the state is what it is."),
        "stateTransitionTimes": only(V1, map_of(time(), "When each state was reached last.")
                                     | {"nullable": True}),
        "lastUpdateTime": time("When this was written.", nullable=True),
        "observedGeneration": int64("The generation of the spec that this is about."),
        "desiredWorkerReplicas": int32("Worker pods that are wanted."),
        "minWorkerReplicas": int32("The least worker pods."),
        "maxWorkerReplicas": int32("The most worker pods."),
        "availableWorkerReplicas": int32("Worker pods that run."),
        "readyWorkerReplicas": int32("Worker pods that are ready."),
        "desiredCPU": described(quantity, "CPUs of all pods."),
        "desiredMemory": described(quantity, "Memory of all pods."),
        "desiredGPU": described(quantity, "GPUs of all pods."),
        "desiredTPU": described(quantity, "TPUs of all pods."),
        "endpoints": texts("Ports of the head Service, by name."),
        "head": structure("The head pod and its Service.", {
            "podIP": text(),
            "podName": only(V1, text()),
            "serviceIP": text(),
            "serviceName": only(V1, text()),
        }),
        "conditions": only(V1, conditions()),
    })


COLUMNS = [
    column("desired workers", "integer", ".status.desiredWorkerReplicas"),
    column("available workers", "integer", ".status.availableWorkerReplicas"),
    column("cpus", "string", ".status.desiredCPU"),
    column("memory", "string", ".status.desiredMemory"),
    column("gpus", "string", ".status.desiredGPU"),
    column("tpus", "string", ".status.desiredTPU", priority=1),
    column("status", "string", ".status.state"),
    column("age", "date", ".metadata.creationTimestamp"),
    column("head pod IP", "string", ".status.head.podIP", priority=1),
    column("head service IP", "string", ".status.head.serviceIP", priority=1),
]


def definition(pods):
    root = ("A Ray cluster of a head pod and groups of worker pods.",
            spec(pods, "What is wanted."))
    observed = status(pods, "What is there.")
    return crd("RayCluster", [api_version(name, "RayCluster", COLUMNS, root, observed, pods)
                              for name in (V1, V1ALPHA1)])
