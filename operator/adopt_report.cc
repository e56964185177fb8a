#include "operator/adopt_report.h"

#include <algorithm>
#include <map>
#include <utility>

#include "core/describe.h"
#include "core/overloaded.h"
#include "core/roles.h"
#include "core/wish.h"
#include "formats/foreign_objects.h"
#include "formats/spec_hash.h"

namespace raycord {
namespace {

constexpr std::size_t kFieldsNamed = 3;
constexpr const char* kIncremental = "NewClusterWithIncrementalUpgrade";

// What one decision does to the object it is about.
struct Deed {
  Fate fate = Fate::Patched;
  std::string what;
};

Deed deed_of(const Effect& effect) {
  return std::visit(
      Overloaded{
          [](const CreateCluster&) {
            return Deed{Fate::Created, ""};
          },
          [](const UpdateClusterGroups&) {
            return Deed{Fate::Patched, "worker groups appended"};
          },
          [](const CreatePod&) {
            return Deed{Fate::Created, ""};
          },
          [](const CreateService& e) {
            return Deed{Fate::Created, "for " + e.selects};
          },
          [](const SwitchService& e) {
            return Deed{Fate::Patched, "points to " + e.selects};
          },
          [](const CreateDependent& e) {
            const bool seen = e.kind != Kind::Secret;
            return Deed{Fate::Created,
                        seen ? "for " + e.cluster.object.name
                             : std::string("if it is missing: Secrets are not looked at")};
          },
          [](const DeleteObject&) {
            return Deed{Fate::Deleted, ""};
          },
          [](const SetFinalizer& e) {
            return Deed{Fate::Patched, e.present ? "finalizer" : "finalizer removed"};
          },
          [](const LabelPod& e) {
            return Deed{Fate::Patched,
                        std::string("label ray.io/serve=") + (e.serve ? "true" : "false")};
          },
          [](const RememberOnService&) {
            return Deed{Fate::Patched, "annotations"};
          },
          [](const RememberOnCluster& e) {
            return Deed{Fate::Patched,
                        e.delete_after ? "annotations: goes when it has drained" : "annotations"};
          },
          [](const PutServeConfig&) {
            return Deed{Fate::Patched, "Serve config"};
          },
          [](const WriteServiceStatus&) {
            return Deed{Fate::Patched, "status"};
          },
          [](const WriteClusterStatus&) {
            return Deed{Fate::Patched, "status"};
          },
          [](const UpdateIngress&) {
            return Deed{Fate::Patched, "spec"};
          },
          [](const StampHead&) {
            return Deed{Fate::Patched, "annotation raycord.io/spec-revision"};
          },
          [](const WriteRouting& e) {
            return e.uid.empty() ? Deed{Fate::Created, ""} : Deed{Fate::Patched, "spec"};
          },
      },
      effect);
}

class Reporter {
 public:
  explicit Reporter(const Trial& trial) : trial_(trial) {}

  AdoptReport report() {
    for (const Decision& decision : trial_.decisions()) {
      by_object_[object_of(decision.effect)].push_back(&decision);
    }
    for (const auto& [name, partition] : trial_.state().partitions) show(name, partition);
    for (const Unreadable& one : trial_.unreadable()) {
      find(Weight::Breaks, one.where + " cannot be read, so it is left alone: " + one.why);
    }
    return std::move(report_);
  }

 private:
  void find(Weight weight, std::string text) {
    report_.findings.push_back({weight, std::move(text)});
  }

  ObjectLine& add(const ObjectName& object) {
    ObjectLine line{object, Fate::Kept, ""};
    const auto decided = by_object_.find(object);
    if (decided != by_object_.end()) {
      for (const Decision* decision : decided->second) {
        const Deed deed = deed_of(decision->effect);
        line.fate = std::max(line.fate, deed.fate);
        if (deed.what.empty() || line.what.find(deed.what) != std::string::npos) continue;
        line.what += (line.what.empty() ? "" : "; ") + deed.what;
      }
      by_object_.erase(decided);
    }
    report_.objects.push_back(std::move(line));
    return report_.objects.back();
  }

  void show(const PartitionName& name, const Partition& partition) {
    const std::size_t first = report_.objects.size();
    if (partition.service) show_service(partition);
    for (const auto& [cluster_name, cluster] : partition.clusters) {
      show_cluster(partition, cluster_name, cluster);
    }
    for (const auto& [service_name, service] : partition.services) {
      add({Kind::Service, partition.ns, service_name});
    }
    for (const auto& [its_name, gateway] : partition.gateways) {
      add({Kind::Gateway, partition.ns, its_name});
    }
    for (const auto& [its_name, route] : partition.routes) {
      add({Kind::HTTPRoute, partition.ns, its_name});
    }
    show_rest(name);
    if (!is_ignored(partition)) return;
    for (std::size_t i = first; i < report_.objects.size(); ++i) {
      report_.objects[i] = {report_.objects[i].object, Fate::Ignored, why_ignored(partition)};
    }
  }

  // Decisions of the partition about objects that do not exist yet.
  void show_rest(const PartitionName& name) {
    std::vector<ObjectName> rest;
    for (const auto& [object, decisions] : by_object_) {
      if (decisions.front()->partition == name) rest.push_back(object);
    }
    for (const ObjectName& object : rest) add(object);
  }

  static bool is_ignored(const Partition& partition) {
    if (partition.service) return partition.service->value.managed_elsewhere;
    return std::any_of(partition.clusters.begin(), partition.clusters.end(), [](const auto& entry) {
      return entry.second.object && entry.second.object->value.managed_elsewhere;
    });
  }

  std::string why_ignored(const Partition& partition) const {
    const auto wish = read_wish(trial_.raw({partition.root, partition.ns, partition.name}));
    return "managedBy " + (wish ? wish->managed_by : std::string("another controller"));
  }

  void show_service(const Partition& partition) {
    const RayServiceSlice& service = partition.service->value;
    const ObjectName name{Kind::RayService, partition.ns, partition.name};
    ObjectLine& line = add(name);
    if (service.managed_elsewhere) return;
    if (!partition.quarantine.empty()) {
      line = {name, Fate::Invalid, "an invariant of Raycord breaks: " + partition.quarantine};
      return;
    }
    if (!service.invalid.reason.empty()) {
      line = {name, Fate::Invalid, service.invalid.message};
    } else {
      show_wish(partition, line);
    }
    show_upgrade_under_way(partition, name);
  }

  // What a changed spec leads to.
  void show_wish(const Partition& partition, ObjectLine& line) {
    const Roles roles = roles_of(partition);
    for (const Decision& decision : trial_.decisions()) {
      const auto* create = std::get_if<CreateCluster>(&decision.effect);
      if (create == nullptr || decision.partition != name_of(partition)) continue;
      const bool first = roles.active == nullptr;
      line.fate = first ? Fate::Created : Fate::Upgraded;
      line.what = first ? "its RayCluster is made: none is there"
                        : "an upgrade starts: " + differences(partition, *roles.active);
      return;
    }
    if (roles.active == nullptr || roles.pending != nullptr) return;
    const RayClusterSlice& active = roles.active->object->value;
    if (is_current(partition.service->value, active) ||
        only_appends_groups(partition.service->value, active)) {
      return;
    }
    find(Weight::Warning, to_text(line.object) + ": " + differences(partition, *roles.active) +
                              ", and no upgrade starts now: its strategy makes no new cluster, or "
                              "something is in its way.");
  }

  std::string differences(const Partition& partition, const Cluster& active) const {
    const ObjectName service{Kind::RayService, partition.ns, partition.name};
    const ObjectName cluster{Kind::RayCluster, partition.ns, active.object->value.meta.name};
    const auto fields =
        differing_fields(trial_.raw(service), trial_.raw(cluster), kFieldsNamed + 1);
    if (!fields || fields->empty()) return "the spec differs from that of " + cluster.name;
    std::string text;
    for (std::size_t i = 0; i < std::min(fields->size(), kFieldsNamed); ++i) {
      text += (i == 0 ? "" : ", ") + fields->at(i);
    }
    if (fields->size() > kFieldsNamed) text += " and more";
    return text + (fields->size() == 1 ? " differs from " : " differ from ") + cluster.name;
  }

  void show_upgrade_under_way(const Partition& partition, const ObjectName& name) {
    const auto wish = read_wish(trial_.raw(name));
    const bool incremental = wish && wish->upgrade_type == kIncremental;
    const bool refused = !partition.service->value.invalid.reason.empty();
    if (incremental && refused) {
      find(Weight::Breaks, to_text(name) + " asks for " + kIncremental +
                               (wish->has_routes ? ", and such an upgrade may be under way" : "") +
                               ": Raycord refuses it as it stands. What runs goes on running.");
    }
    const Roles roles = roles_of(partition);
    if (roles.active == nullptr || (roles.pending == nullptr && roles.leaving.empty())) return;
    std::string text =
        to_text(name) + ": an upgrade is under way, from " + roles.active->object->value.meta.name;
    if (roles.pending != nullptr) {
      text += " to " + roles.pending->object->value.meta.name + ". Raycord completes it.";
    } else {
      text = to_text(name) + ": the RayCluster of before, " +
             roles.leaving.front()->object->value.meta.name + ", still stands beside " +
             roles.active->object->value.meta.name + ". Raycord deletes it when it has drained.";
    }
    find(incremental ? Weight::Warning : Weight::Note, std::move(text));
  }

  void show_cluster(const Partition& partition, const std::string& name, const Cluster& cluster) {
    const ObjectName object{Kind::RayCluster, partition.ns, name};
    if (cluster.object) {
      ObjectLine& line = add(object);
      const Invalid& invalid = cluster.object->value.invalid;
      if (!invalid.reason.empty()) line = {object, Fate::Invalid, invalid.message};
    }
    for (const auto& [pod, known] : cluster.pods) add({Kind::Pod, partition.ns, pod});
    for (const auto& [service, known] : cluster.services) {
      add({Kind::Service, partition.ns, service});
    }
    for (const auto& [kind, access] : cluster.access) add({kind, partition.ns, access});
    for (const auto& [job, known] : cluster.jobs) add({Kind::Job, partition.ns, job});
    for (const auto& [ingress, known] : cluster.ingresses) {
      add({Kind::Ingress, partition.ns, ingress});
    }
  }

  const Trial& trial_;
  std::map<ObjectName, std::vector<const Decision*>> by_object_;
  AdoptReport report_;
};

}  // namespace

const char* name_of(Fate fate) {
  switch (fate) {
    case Fate::Kept:
      return "kept";
    case Fate::Patched:
      return "patched";
    case Fate::Created:
      return "created";
    case Fate::Upgraded:
      return "upgraded";
    case Fate::Deleted:
      return "deleted";
    case Fate::Ignored:
      return "ignored";
    case Fate::Invalid:
      return "invalid";
  }
  return "?";
}

// An object that Raycord adds beside running pods ends nothing.
bool breaks(Fate fate, Kind kind) {
  switch (fate) {
    case Fate::Kept:
    case Fate::Patched:
    case Fate::Ignored:
      return false;
    case Fate::Created:
      return kind == Kind::RayService || kind == Kind::RayCluster || kind == Kind::Pod;
    case Fate::Upgraded:
    case Fate::Deleted:
    case Fate::Invalid:
      return true;
  }
  return true;
}

const char* name_of(Weight weight) {
  switch (weight) {
    case Weight::Note:
      return "note";
    case Weight::Warning:
      return "warning";
    case Weight::Breaks:
      return "breaks";
  }
  return "?";
}

bool AdoptReport::breaks() const {
  return std::any_of(
             objects.begin(), objects.end(),
             [](const ObjectLine& line) { return raycord::breaks(line.fate, line.object.kind); }) ||
         std::any_of(findings.begin(), findings.end(),
                     [](const Finding& finding) { return finding.weight == Weight::Breaks; });
}

AdoptReport report_of(const Trial& trial) { return Reporter(trial).report(); }

}  // namespace raycord
