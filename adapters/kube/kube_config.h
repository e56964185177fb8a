// Where the API server is and how we prove who we are: from kubeconfig files as kubectl reads them,
// or from the service account of our pod.
//
//   auto endpoint = find_kube_endpoint(search_from_environment(flags.kubeconfig, flags.context));
//   if (!endpoint) return fail(endpoint.error());
//
// Looked for in this order: --kubeconfig, $KUBECONFIG, the pod's service account, ~/.kube/config.

#pragma once

#include <memory>
#include <string>
#include <vector>

#include "adapters/http/tls_options.h"
#include "adapters/kube/credentials.h"
#include "core/result.h"

namespace raycord {

struct KubeEndpoint {
  std::string server;  // "https://10.0.0.1:6443", maybe with a path; no slash at its end.
  TlsOptions tls;
  std::shared_ptr<Credentials> credentials;  // Never null.
  std::string default_namespace = "default";
  std::string described;              // "context 'prod' of /home/u/.kube/config", for messages.
  std::vector<std::string> warnings;  // To be said aloud, each a sentence.
};

struct KubeConfigSearch {
  std::string kubeconfig = {};  // --kubeconfig: one file, which must exist.
  std::string context = {};     // --context; empty: the current one.
  // $KUBECONFIG: files separated by ':', missing ones passed over.
  std::string kubeconfig_variable = {};
  std::string home = {};          // $HOME
  std::string service_host = {};  // $KUBERNETES_SERVICE_HOST
  std::string service_port = {};  // $KUBERNETES_SERVICE_PORT
  std::string service_account = "/var/run/secrets/kubernetes.io/serviceaccount";
};
KubeConfigSearch search_from_environment(std::string kubeconfig, std::string context);

Result<KubeEndpoint> find_kube_endpoint(const KubeConfigSearch& search);

}  // namespace raycord
