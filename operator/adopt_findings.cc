#include "operator/adopt_findings.h"

#include <algorithm>
#include <utility>

#include "adapters/http/http_status.h"
#include "formats/kube_list.h"
#include "formats/lease.h"
#include "formats/object_slice.h"

namespace raycord {
namespace {

constexpr const char* kKubeRayLease = "ray-operator-leader";
constexpr const char* kOwnLease = "raycord-operator";
constexpr const char* kKubeRay = "kuberay";
// Both its chart and its plain manifests have it.
constexpr const char* kKubeRayLabel = "app.kubernetes.io/component=kuberay-operator";
constexpr std::size_t kNamed = 5;  // Of many; the others are counted.

std::string listing(const std::vector<std::string>& names) {
  std::string text;
  for (std::size_t i = 0; i < std::min(names.size(), kNamed); ++i) {
    text += (i == 0 ? "" : ", ") + names[i];
  }
  if (names.size() > kNamed) text += " and " + std::to_string(names.size() - kNamed) + " more";
  return text;
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

std::string of_namespace(const std::string& root, const std::string& ns,
                         const std::string& collection) {
  return root + (ns.empty() ? "" : "/namespaces/" + url_encode(ns)) + "/" + collection;
}

}  // namespace

Findings::Findings(Terms terms, ClusterReader& reader, Time now)
    : terms_(std::move(terms)), reader_(reader), now_(now) {}

void Findings::find(Weight weight, std::string text) {
  findings_.push_back({weight, std::move(text)});
}

ClusterReader::Otherwise Findings::unseen(const std::string& what) {
  return [this, what](int status, const std::string& why) {
    if (status == kNotFound) return;  // There is no such kind here.
    find(Weight::Warning, what + " could not be looked at: " + why);
  };
}

void Findings::ask() {
  ask_jobs("rayjobs", "RayJob");
  ask_jobs("raycronjobs", "RayCronJob");
  ask_deployments();
  ask_leases();
  ask_own_lease();
  ask_webhooks("validatingwebhookconfigurations");
  ask_webhooks("mutatingwebhookconfigurations");
  ask_definition("rayservices");
  ask_definition("rayclusters");
}

std::vector<Finding> Findings::take() {
  std::stable_sort(findings_.begin(), findings_.end(),
                   [](const Finding& a, const Finding& b) { return a.weight > b.weight; });
  return std::move(findings_);
}

void Findings::ask_jobs(const std::string& collection, const std::string& kind) {
  std::vector<std::string> namespaces = terms_.namespaces;
  if (namespaces.empty()) namespaces.emplace_back();
  for (const std::string& ns : namespaces) {
    const auto then = [this, kind](const std::vector<std::string>& items) {
      std::vector<std::string> going;
      std::size_t ended = 0;
      for (const std::string& item : items) {
        const auto job = read_ray_job(item);
        if (!job || !job->ended) going.push_back(job ? job->ns + "/" + job->name : "one");
        if (job && job->ended) ++ended;
      }
      if (!going.empty()) {
        find(Weight::Breaks,
             std::to_string(going.size()) + " " + kind + (going.size() > 1 ? "s" : "") +
                 " of KubeRay: " + listing(going) +
                 ". Raycord does not run them; nobody does once KubeRay is stopped.");
      }
      if (ended > 0) {
        find(Weight::Note, std::to_string(ended) + " " + kind + (ended > 1 ? "s" : "") +
                               " that ended stay as they are.");
      }
    };
    reader_.ask_all(of_namespace("/apis/ray.io/v1", ns, collection), "", then, unseen(kind + "s"));
  }
}

void Findings::ask_deployments() {
  reader_.ask_all(
      "/apis/apps/v1/deployments", std::string("labelSelector=") + url_encode(kKubeRayLabel),
      [this](const std::vector<std::string>& items) { take_deployments(items); },
      unseen("KubeRay's Deployment"));
}

void Findings::take_deployments(const std::vector<std::string>& items) {
  for (const std::string& item : items) {
    const auto deployment = read_deployment(item);
    if (!deployment) continue;
    const std::string name = deployment->ns + "/" + deployment->name;
    if (deployment->replicas > 0) {
      find(Weight::Warning, "KubeRay's Deployment " + name + " asks for " +
                                std::to_string(deployment->replicas) +
                                " replicas. Scale it to zero before Raycord starts.");
    } else {
      find(Weight::Note, "KubeRay's Deployment " + name + " is scaled to zero.");
    }
  }
}

void Findings::ask_leases() {
  const auto then = [this](const std::vector<std::string>& items) { take_leases(items); };
  const auto otherwise = [this, then](int, const std::string& why) {
    const std::string ns = terms_.lease_ns;
    const std::string path = of_namespace("/apis/coordination.k8s.io/v1", ns, "leases") + "/";
    reader_.ask(path + kKubeRayLease, [this, then, why, ns](const HttpOutcome& outcome) {
      if (is_success(outcome)) return then({outcome.response.body});
      find(Weight::Warning, std::string("KubeRay's Lease ") + kKubeRayLease +
                                " was looked for in namespace " + ns + " only: " + why);
    });
  };
  reader_.ask_all("/apis/coordination.k8s.io/v1/leases",
                  std::string("fieldSelector=metadata.name%3D") + kKubeRayLease, then, otherwise);
}

// Clocks of two machines are compared here, so this is for people only.
bool Findings::is_fresh(const std::string& renewed, Millis duration) const {
  const auto at = from_rfc3339(renewed);
  return at && *at + duration > now_;
}

void Findings::take_leases(const std::vector<std::string>& items) {
  for (const std::string& item : items) {
    const auto lease = read_lease(item);
    const auto head = read_object_head(item);
    if (!lease || !head || head->name != kKubeRayLease) continue;
    const std::string name = head->ns + "/" + head->name;
    if (lease->holder.empty() || !is_fresh(lease->renewed, lease->duration)) {
      find(Weight::Note, "KubeRay's Lease " + name + " is held by nobody.");
    } else if (head->ns == terms_.lease_ns) {
      find(Weight::Warning, "KubeRay's Lease " + name + " is held by " + lease->holder +
                                ": Raycord waits until that one has stopped.");
    } else {
      find(
          Weight::Breaks,
          "KubeRay's Lease " + name + " is held by " + lease->holder +
              ", in another namespace than Raycord's: Raycord does not wait for it, and both would "
              "act. Stop KubeRay first, or start Raycord in namespace " +
              head->ns + ".");
    }
  }
}

void Findings::ask_own_lease() {
  const std::string path =
      of_namespace("/apis/coordination.k8s.io/v1", terms_.lease_ns, "leases") + "/" + kOwnLease;
  reader_.ask(path, [this](const HttpOutcome& outcome) {
    const auto lease = is_success(outcome) ? read_lease(outcome.response.body)
                                           : Result<LeaseRecord>(fail(ErrorCode::NotFound, ""));
    if (!lease || lease->holder.empty() || !is_fresh(lease->renewed, lease->duration)) return;
    find(Weight::Warning, "Raycord runs here already: its Lease " + terms_.lease_ns + "/" +
                              kOwnLease + " is held by " + lease->holder +
                              ". This is what another one would do.");
  });
}

void Findings::ask_webhooks(const std::string& collection) {
  reader_.ask_all(
      "/apis/admissionregistration.k8s.io/v1/" + collection, "",
      [this](const std::vector<std::string>& items) { take_webhooks(items); },
      unseen("webhooks (" + collection + ")"));
}

void Findings::take_webhooks(const std::vector<std::string>& items) {
  for (const std::string& item : items) {
    const auto strict = read_strict_webhooks(item);
    if (!strict) continue;
    for (const StrictWebhook& webhook : *strict) {
      if (webhook.service.empty()) {
        find(Weight::Note, "The webhook " + webhook.name + " of " + webhook.configuration +
                               " has to agree to writes of ray.io objects; it is at " +
                               webhook.url + ".");
      } else {
        ask_backend(webhook);
      }
    }
  }
}

void Findings::ask_backend(const StrictWebhook& webhook) {
  reader_.ask_all(
      of_namespace("/apis/discovery.k8s.io/v1", webhook.service_ns, "endpointslices"),
      "labelSelector=" + url_encode("kubernetes.io/service-name=" + webhook.service),
      [this, webhook](const std::vector<std::string>& slices) { take_backend(webhook, slices); },
      unseen("pods behind the webhook " + webhook.name));
}

void Findings::take_backend(const StrictWebhook& webhook, const std::vector<std::string>& slices) {
  std::size_t ready = 0;
  for (const std::string& json : slices) {
    const auto slice = slice_object(Kind::EndpointSlice, json);
    if (slice) ready += std::get<EndpointsSlice>(*slice).ready_uids.size();
  }
  const std::string what =
      "The webhook " + webhook.name + " of " + webhook.configuration + " (failurePolicy Fail)";
  const std::string backend = webhook.service_ns + "/" + webhook.service;
  if (ready == 0) {
    find(Weight::Breaks, what + " has no pod behind its Service " + backend +
                             ": no ray.io object that it covers can be written. Delete " +
                             webhook.configuration + ".");
  } else if (webhook.configuration.find(kKubeRay) != std::string::npos ||
             backend.find(kKubeRay) != std::string::npos) {
    find(Weight::Breaks, what + " is KubeRay's, at " + backend +
                             ": once KubeRay is stopped, no ray.io object that it covers can be "
                             "written. Delete " +
                             webhook.configuration + " before.");
  } else {
    find(Weight::Note,
         what + " has to agree to writes of ray.io objects; it is at " + backend + ".");
  }
}

void Findings::ask_definition(const std::string& name) {
  const std::string full = name + ".ray.io";
  reader_.ask("/apis/apiextensions.k8s.io/v1/customresourcedefinitions/" + full,
              [this, full](const HttpOutcome& outcome) {
                if (is_success(outcome)) return take_definition(full, outcome.response.body);
                if (outcome.response.status == kNotFound) return;  // Lists say it already.
                find(Weight::Note,
                     "The definition " + full + " could not be looked at: " + message_of(outcome));
              });
}

void Findings::take_definition(const std::string& name, const std::string& json) {
  const auto definition = read_definition(json);
  if (!definition) return;
  const bool has_v1 = std::find(definition->served.begin(), definition->served.end(), "v1") !=
                      definition->served.end();
  if (!has_v1) {
    find(Weight::Breaks, "The definition " + name +
                             " does not serve v1, which Raycord speaks, but " +
                             joined(definition->served) + ".");
    return;
  }
  find(Weight::Note,
       "The definition " + name + " is " +
           (definition->by_controller_gen ? "KubeRay's" : "Raycord's, or another without a mark") +
           ": serves " + joined(definition->served) + ", stores " + definition->stored +
           (definition->by_controller_gen
                ? ". It may stay: nothing that Raycord writes is unknown to it."
                : "."));
}

}  // namespace raycord
