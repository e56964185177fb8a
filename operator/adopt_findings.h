// What else in a cluster a takeover from KubeRay must know of: its Deployment and Lease, its
// webhooks, jobs that only it runs, and the resource definitions.
//
//   Findings findings(terms, reader, now);
//   findings.ask();                       // … the reader is driven until it is done()
//   report.findings += findings.take();
//
// What may not be looked at is said so; it keeps nothing else from being found.

#pragma once

#include <string>
#include <vector>

#include "core/time.h"
#include "formats/foreign_objects.h"
#include "operator/adopt_reader.h"
#include "operator/adopt_report.h"

namespace raycord {

class Findings {
 public:
  struct Terms {
    std::vector<std::string> namespaces;  // Watched; empty: all.
    std::string lease_ns;                 // Where Raycord's own Lease will be.
  };

  Findings(Terms terms, ClusterReader& reader, Time now);

  void ask();
  std::vector<Finding> take();  // The weightiest first.

 private:
  void ask_jobs(const std::string& collection, const std::string& kind);
  void ask_deployments();
  void ask_leases();
  void ask_own_lease();
  void ask_webhooks(const std::string& collection);
  void ask_backend(const StrictWebhook& webhook);
  void ask_definition(const std::string& name);

  void take_deployments(const std::vector<std::string>& items);
  void take_leases(const std::vector<std::string>& items);
  void take_webhooks(const std::vector<std::string>& items);
  void take_backend(const StrictWebhook& webhook, const std::vector<std::string>& slices);
  void take_definition(const std::string& name, const std::string& json);

  void find(Weight weight, std::string text);
  // Says what could not be looked at.
  ClusterReader::Otherwise unseen(const std::string& what);
  bool is_fresh(const std::string& renewed, Millis duration) const;

  Terms terms_;
  ClusterReader& reader_;
  Time now_;
  std::vector<Finding> findings_;
};

}  // namespace raycord
