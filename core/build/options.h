// BuildOptions are the settings of the operator that shape the objects it creates.
//
// They are read from the Started fact, so that a replay builds the same bytes. The defaults are
// those of KubeRay, except that head Services have a real cluster IP.

#pragma once

#include <map>
#include <string>

namespace raycord {

struct BuildOptions {
  std::string version = "raycord-0.1.0";  // stamped as ray.io/kuberay-version
  std::string cluster_domain = "cluster.local";
  bool headless_head_service = false;
  bool inject_probes = true;
  bool inject_init_container = true;
  bool login_shell = false;

  // Added to every Ray pod where the key is not set yet.
  std::map<std::string, std::string> default_pod_labels;
  std::map<std::string, std::string> default_pod_annotations;

  // JSON arrays as in the configuration file; empty means none.
  std::string default_container_env;
  std::string head_sidecars;
  std::string worker_sidecars;
};

}  // namespace raycord
