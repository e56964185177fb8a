#include "core/build/redis_cleanup.h"

#include "core/build/environment.h"
#include "core/build/labels.h"
#include "core/build/metadata.h"
#include "core/build/pod.h"
#include "core/build/ray_cluster.h"
#include "core/names.h"

namespace raycord {
namespace {

constexpr int kDeadlineSeconds = 300;

// Ray knows how its state lies in Redis; the username came to its function later than the rest.
constexpr std::string_view kScript = R"(echo "Removing the state of a deleted RayCluster from Redis.
See https://docs.ray.io/en/master/cluster/kubernetes/user-guides/kuberay-gcs-ft.html"
python -c '
import os, sys
from urllib.parse import urlparse
from ray._private.gcs_utils import cleanup_redis_storage

address = os.environ["RAY_REDIS_ADDRESS"].split(",")[0].strip()
if "://" not in address:
    address = "redis://" + address
url = urlparse(address)
options = {}
if "REDIS_USERNAME" in os.environ:
    options["username"] = os.environ["REDIS_USERNAME"]
done = cleanup_redis_storage(
    host=url.hostname,
    port=url.port or 6379,
    password=os.environ.get("REDIS_PASSWORD", url.password or ""),
    use_ssl=url.scheme == "rediss",
    storage_namespace=os.environ["RAY_external_storage_namespace"],
    **options,
)
sys.exit(0 if done else 1)
'
)";

void turn_into_cleanup(Json& container) {
  container["command"] = Json::array({"/bin/bash", "-c", "--"});
  container["args"] = Json::array({kScript});
  for (const char* probe : {"livenessProbe", "readinessProbe", "startupProbe"}) {
    container.erase(probe);
  }
  append_env(container, "RAY_redis_db_connect_retries", "120");
  append_env(container, "RAY_redis_db_connect_wait_milliseconds", "500");
  const Json amounts = {{"cpu", "200m"}, {"memory", "256Mi"}};
  container["resources"] = {{"limits", amounts}, {"requests", amounts}};
}

}  // namespace

Result<std::string> build_redis_cleanup(std::string_view ray_cluster, const std::string& intent,
                                        const BuildOptions& options) {
  const Result<RayClusterView> cluster = RayClusterView::read(ray_cluster);
  if (!cluster) return fail(cluster.error());
  PodParameters parameters;
  parameters.name = redis_cleanup_name(cluster->name);
  parameters.intent = intent;
  const Result<std::string> built = build_head_pod(ray_cluster, parameters, options);
  if (!built) return fail(built.error());
  Result<Json> pod = parse_object(*built, "head pod");
  if (!pod) return fail(pod.error());

  const OwnerReference owner = {"RayCluster", cluster->name, cluster->name_space, cluster->uid};
  Json job = new_object("batch/v1", "Job", parameters.name, owner, intent);
  for (const char* key : {"labels", "annotations"}) {
    job["metadata"][key] = object_at(*pod, {"metadata", key});
  }
  set_label(job, kNodeTypeLabel, "redis-cleanup");

  Json spec = (*pod)["spec"];
  Json ray = spec["containers"].front();
  turn_into_cleanup(ray);
  spec["containers"] = Json::array({std::move(ray)});
  spec["restartPolicy"] = "Never";
  Json metadata = {{"labels", job["metadata"]["labels"]},
                   {"annotations", job["metadata"]["annotations"]}};
  job["spec"] = {{"backoffLimit", 0},
                 {"activeDeadlineSeconds", kDeadlineSeconds},
                 {"template", {{"metadata", std::move(metadata)}, {"spec", std::move(spec)}}}};
  return dump(job);
}

}  // namespace raycord
