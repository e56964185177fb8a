"""The fields of RayService."""

from . import raycluster
from .own import (V1, V1ALPHA1, api_version, column, conditions, crd, described, flag, int32, int64,
                  map_of, only, structure, text, time)

ABOUT = """\
# RayService: Ray Serve applications, and the Ray cluster that they run on.
# Written by scripts/make_crds.py from scripts/crds/rayservice.py and Kubernetes' own types.
"""


def upgrade_strategy():
    return structure("What a changed rayClusterConfig does.", {
        "type": text("NewCluster (also when absent) makes a new RayCluster and switches to it; "
                     "NewClusterWithIncrementalUpgrade moves capacity and traffic to it by steps, "
                     "through a Gateway; None never does."),
        "clusterUpgradeOptions": structure("Steps of NewClusterWithIncrementalUpgrade.", {
            "gatewayClassName": text("Class of the Gateway that splits the traffic."),
            "intervalSeconds": int32("Seconds between two steps of traffic."),
            "maxSurgePercent": int32("How much capacity moves in a step, in percent.", default=100),
            "stepSizePercent": int32("How much traffic moves in a step, in percent."),
        }, required=["gatewayClassName", "intervalSeconds", "stepSizePercent"]),
    })


def spec(pods):
    return structure("What is wanted.", {
        "serveConfigV2": text("Ray Serve's config of one or several applications, in YAML or JSON. "
                              "A change is sent to the running RayCluster."),
        "rayClusterConfig": raycluster.spec(
            pods, "The RayCluster. A change makes a new one, which takes over when it is ready; "
                  "replicas, minReplicas, maxReplicas and workersToDelete alone never do."),
        "serveService": described(pods["core.v1.Service"],
                                  "Metadata and spec that are added to the serve Service."),
        "serviceUnhealthySecondThreshold": int32(
            "How long an application may be UNHEALTHY or DEPLOY_FAILED before a new RayCluster "
            "takes over; 900 when absent."),
        "deploymentUnhealthySecondThreshold": int32(
            "How long the dashboard may not answer before a new RayCluster takes over; 300 when "
            "absent."),
        "excludeHeadPodFromServeSvc": only(V1, flag("Sends no requests to the head pod.")),
        "upgradeStrategy": only(V1, upgrade_strategy()),
        "rayClusterDeletionDelaySeconds": only(V1, int32(
            "How long a RayCluster is kept after another has taken over; 60 when absent.",
            minimum=0)),
        "suspend": only(V1, flag("Takes everything down and keeps only the RayService.")),
        "managedBy": only(V1, raycluster.managed_by()),
    }, required={V1: ["rayClusterConfig"], V1ALPHA1: []})


def health(about, inner):
    return structure(about, {
        "status": text(),
        "message": text(),
        "lastUpdateTime": time(nullable=True),
        "healthLastUpdateTime": time(nullable=True),
        **inner,
    })


def cluster_status(pods, about):
    deployment = health("Of one deployment.", {})
    application = health("Of one application.", {
        "serveDeploymentStatuses": map_of(deployment, "Its deployments, by name."),
    })
    return structure(about, {
        "rayClusterName": text("Its name."),
        "rayClusterStatus": raycluster.status(pods, "Its status, when this was written."),
        "applicationStatuses": map_of(application, "What Ray Serve says of its applications, by "
                                                   "name."),
        "targetCapacity": only(V1, int32("Capacity that Ray Serve is asked for, in percent.")),
        "trafficRoutedPercent": only(V1, int32("Traffic that goes to it, in percent.")),
        "lastTrafficMigratedTime": only(V1, time("When traffic moved last.", nullable=True)),
    })


def status(pods):
    return structure("What is there.", {
        "serviceStatus": text("Running while requests are served."),
        "numServeEndpoints": only(V1, int32("Pods that requests are sent to.")),
        "activeServiceStatus": cluster_status(pods, "The RayCluster that serves."),
        "pendingServiceStatus": cluster_status(pods, "The RayCluster that will take over."),
        "lastUpdateTime": time("When this was written.", nullable=True),
        "observedGeneration": int64("The generation of the spec that this is about."),
        "conditions": only(V1, conditions()),
    })


COLUMNS = {
    V1: [
        column("service status", "string", ".status.serviceStatus"),
        column("num serve endpoints", "string", ".status.numServeEndpoints"),
    ],
    V1ALPHA1: [],
}


def definition(pods):
    root = ("Ray Serve applications, and the Ray cluster that they run on.", spec(pods))
    observed = status(pods)
    return crd("RayService", [
        api_version(name, "RayService", COLUMNS[name], root, observed, pods)
        for name in (V1, V1ALPHA1)])
