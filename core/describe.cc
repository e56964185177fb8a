#include "core/describe.h"

#include "core/describe_parts.h"
#include "core/limits.h"
#include "core/overloaded.h"
#include "core/text.h"

namespace raycord {
namespace {

std::string answer_text(const ProbeRun& run) {
  if (run.continued) return "as before";
  const ProbeAnswer& answer = run.answer;
  std::string text;
  if (answer.trouble != ProbeTrouble::None) {
    text = name_of(answer.trouble);
    if (answer.status != 0) text += " (" + std::to_string(answer.status) + ")";
  } else if (run.target == ProbeTarget::Proxy) {
    text = "healthy";
  } else {
    text = describe(answer.serve);
  }
  return answer.from_agent ? text + ", by the agent" : text;
}

std::string run_text(const ProbeRun& run) {
  std::string text = std::string(name_of(run.target)) + " of " + run.ns + "/" + run.cluster +
                     " answered " + counted(run.count, "time");
  if (run.last > run.first) text += " in " + to_short_text(run.last - run.first);
  text += ": " + answer_text(run);
  // Probes take milliseconds; a second is worth a word.
  if (run.slowest >= std::chrono::seconds(1)) text += "; slowest " + to_short_text(run.slowest);
  return text;
}

std::string outcome_text(const WriteDone& done) {
  std::string text = number(done.decided) + " " + name_of(done.result);
  if (done.result != WriteResult::Done && done.status != 0) {
    text += " (" + std::to_string(done.status) + ")";
  }
  if (!done.message.empty()) text += ": " + done.message;
  if (done.retry_after > Millis(0)) text += "; again in " + to_short_text(done.retry_after);
  return text;
}

std::string gone_text(const ObjectGone& gone) {
  return to_text(gone.name) + " gone (" + name_of(gone.how) + ")";
}

std::string fact_text(const Fact& fact) {
  return std::visit(
      Overloaded{
          [](const Started& f) { return "run started: build " + f.build + ", log " + f.log_id; },
          [](const Gap& f) {
            return "nothing observed from " + to_rfc3339_millis(f.from) + " to " +
                   to_rfc3339_millis(f.to) + " (" + name_of(f.cause) + ")";
          },
          [](const LeadershipGained& f) {
            return "leadership gained, epoch " + std::to_string(f.epoch);
          },
          [](const LeadershipLost& f) { return "leadership lost: " + f.why; },
          [](const ObjectSeen& f) {
            return to_text(name_of(f.object)) + " seen: " + describe(f.object);
          },
          [](const ObjectGone& f) { return gone_text(f); },
          [](const KindListed& f) {
            return std::string("all of ") + name_of(f.kind) + " listed at version " +
                   std::to_string(f.version);
          },
          [](const KindCaughtUp& f) {
            return std::string("watch of ") + name_of(f.kind) + " passed version " +
                   std::to_string(f.version);
          },
          [](const LeftScope& f) { return name_of(f.kind) + (" out of scope: " + f.why); },
          [](const WorldRestored& f) {
            return std::string("world restored: ") + name_of(f.kind) + " went back from version " +
                   std::to_string(f.believed) + " to " + std::to_string(f.served);
          },
          [](const ProbeRun& f) { return run_text(f); },
          [](const DeadlineFired&) { return std::string("deadline fired"); },
          [](const WriteDone& f) { return outcome_text(f); },
          [](const Unreadable& f) {
            return "unreadable: " + f.where + ": " + f.why + " (" + std::to_string(f.size) +
                   " bytes, " + short_hash(f.hash) + ")";
          },
          [](const Quarantined& f) {
            return "quarantined " + to_text(f.partition) + ": " + f.check;
          },
          [](const FleetHoldChanged& f) {
            return f.held ? "failovers held: " + f.why : std::string("failovers no longer held");
          },
      },
      fact);
}

std::string pod_text(const CreatePod& pod) {
  const bool head = pod.node_type == NodeType::Head;
  std::string text = std::string("create ") + (head ? "head" : "worker") + " Pod " + pod.ns + "/" +
                     pod.name + " of " + pod.cluster.object.name;
  if (head) return text;
  text += ", group " + pod.group + " #" + std::to_string(pod.replica_index);
  if (pod.host_index >= 0) {
    text += " (" + pod.replica_name + ", host " + std::to_string(pod.host_index) + ")";
  }
  return text;
}

std::string remembered(const RememberOnService& memory) {
  std::string text = "remember on RayService " + memory.ns + "/" + memory.name + ": name counter " +
                     std::to_string(memory.name_counter) + ", " +
                     counted(memory.attempts, "failed attempt");
  if (memory.back_off_until) text += ", back off until " + to_rfc3339(*memory.back_off_until);
  return text;
}

std::string remembered(const RememberOnCluster& memory) {
  std::string text = "remember on RayCluster " + memory.ns + "/" + memory.name + ":";
  if (memory.accepted_config) text += " accepted config " + short_hash(memory.accepted_config);
  if (memory.delete_after) {
    text +=
        (memory.accepted_config ? "," : "") + (" delete after " + to_rfc3339(*memory.delete_after));
  }
  return text;
}

template <class Write>
std::string status_text(Kind kind, const Write& write) {
  return std::string("write status of ") + to_text(ObjectName{kind, write.ns, write.name}) +
         " (content " + short_hash(write.content) + ")";
}

std::string capacity_text(const PutServeConfig& put) {
  return put.capacity ? " at " + std::to_string(*put.capacity) + " % of its capacity" : "";
}

std::string routing_text(const WriteRouting& write) {
  std::string text = (write.uid.empty() ? "create " : "update ") +
                     to_text(ObjectName{write.kind, write.ns, write.name});
  const char* between = ": ";
  for (const RouteBackend& backend : write.backends) {
    text += between + backend.service + " " + std::to_string(backend.weight) + " %";
    between = ", ";
  }
  return text;
}

std::string effect_text(const Effect& effect) {
  return std::visit(
      Overloaded{
          [](const CreateCluster& e) {
            return "create RayCluster " + e.ns + "/" + e.name + " (" + name_of(e.purpose) +
                   ", revision " + short_hash(e.spec_revision) + ", attempt " +
                   std::to_string(e.attempt) + (e.at_min_size ? ", at its least size)" : ")");
          },
          [](const UpdateClusterGroups& e) {
            return "append worker groups to RayCluster " + e.ns + "/" + e.name + " (revision " +
                   short_hash(e.spec_revision) + ")";
          },
          [](const CreatePod& e) { return pod_text(e); },
          [](const CreateService& e) {
            return "create Service " + e.ns + "/" + e.name + " (" + name_of(e.role) + ") for " +
                   e.selects;
          },
          [](const SwitchService& e) {
            return "switch Service " + e.ns + "/" + e.name + " (" + name_of(e.role) + ") to " +
                   e.selects;
          },
          [](const CreateDependent& e) {
            return "create " + to_text(ObjectName{e.kind, e.ns, e.name}) + " for " +
                   e.cluster.object.name;
          },
          [](const DeleteObject& e) { return "delete " + to_text(e.object); },
          [](const SetFinalizer& e) {
            return (e.present ? "add finalizer to " : "remove finalizer from ") +
                   to_text(ObjectName{e.kind, e.ns, e.name});
          },
          [](const LabelPod& e) {
            return "label Pod " + e.ns + "/" + e.name +
                   " ray.io/serve=" + (e.serve ? "true" : "false");
          },
          [](const RememberOnService& e) { return remembered(e); },
          [](const RememberOnCluster& e) { return remembered(e); },
          [](const PutServeConfig& e) {
            return "send Serve config " + short_hash(e.config) + " to RayCluster " + e.ns + "/" +
                   e.cluster + capacity_text(e) + (e.to_agent ? ", by the agent" : "");
          },
          [](const WriteServiceStatus& e) { return status_text(Kind::RayService, e); },
          [](const WriteClusterStatus& e) { return status_text(Kind::RayCluster, e); },
          [](const UpdateIngress& e) {
            return "update Ingress " + e.ns + "/" + e.name + " for " + e.cluster.object.name;
          },
          [](const WriteRouting& e) { return routing_text(e); },
          [](const StampHead& e) {
            return "stamp Pod " + e.ns + "/" + e.name + " with revision " + short_hash(e.revision);
          },
      },
      effect);
}

}  // namespace

std::string describe(const Fact& fact) { return one_line(fact_text(fact), kDescriptionMax); }

std::string describe(const Effect& effect) {
  return one_line(effect_text(effect), kDescriptionMax);
}

std::string describe(const Decision& decision) {
  std::string text = std::string(name_of(decision.rule)) + ": " + effect_text(decision.effect);
  std::string causes = " because";
  for (const Seq cause : decision.causes) causes += " " + number(cause);
  const std::size_t room = kDescriptionMax > causes.size() ? kDescriptionMax - causes.size() : 0;
  return one_line(one_line(text, room) + causes, kDescriptionMax);
}

}  // namespace raycord
