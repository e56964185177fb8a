#include "core/overloaded.h"
#include "formats/codec_parts.h"
#include "formats/log.pb.h"

namespace raycord {
namespace {

Kind kind_of(int number, Decoding& decoding, const char* field) {
  return decoding.value_not_zero<Kind>(number, wire::Kind_IsValid, field);
}

std::uint16_t small(std::uint32_t number, Decoding& decoding, const char* field) {
  const auto narrow = static_cast<std::uint16_t>(number);
  if (narrow != number) decoding.fail_newer(field, "value " + std::to_string(number));
  return narrow;
}

void encode(const Options& options, Encoding& encoding, wire::Options& out) {
  out.set_version(encoding.text(options.version));
  out.set_cluster_domain(encoding.text(options.cluster_domain));
  out.set_failover(static_cast<wire::FailoverMode>(options.failover));
  out.set_zero_downtime(options.zero_downtime);
  out.set_headless_head_service(options.headless_head_service);
  out.set_inject_probes(options.inject_probes);
  out.set_inject_init_container(options.inject_init_container);
  out.set_login_shell(options.login_shell);
  out.set_random_pod_delete(options.random_pod_delete);
  out.set_kubernetes_proxy(options.kubernetes_proxy);
  out.set_redis_cleanup(options.redis_cleanup);
  out.set_fixed_head_name(options.fixed_head_name);
  for (const std::string& ns : options.namespaces) out.add_namespaces(encoding.text(ns));
}

// What log.proto says of absent options, not what Options has: its defaults may change.
void decode(const wire::Options& in, Decoding& decoding, Options& options) {
  options.version = in.has_version() ? in.version() : "raycord-0.1.0";
  options.cluster_domain = in.has_cluster_domain() ? in.cluster_domain() : "cluster.local";
  options.failover = in.has_failover()
                         ? decoding.value<FailoverMode>(in.failover(), wire::FailoverMode_IsValid,
                                                        "started.options.failover")
                         : FailoverMode::Enforce;
  options.zero_downtime = !in.has_zero_downtime() || in.zero_downtime();
  options.headless_head_service = in.headless_head_service();
  options.inject_probes = !in.has_inject_probes() || in.inject_probes();
  options.inject_init_container = !in.has_inject_init_container() || in.inject_init_container();
  options.login_shell = in.login_shell();
  options.random_pod_delete = in.random_pod_delete();
  options.kubernetes_proxy = in.kubernetes_proxy();
  options.redis_cleanup = !in.has_redis_cleanup() || in.redis_cleanup();
  options.fixed_head_name = in.fixed_head_name();
  options.namespaces.assign(in.namespaces().begin(), in.namespaces().end());
}

void encode(const Started& started, Encoding& encoding, wire::Started& out) {
  out.set_build(encoding.text(started.build));
  out.set_log_id(encoding.text(started.log_id));
  out.set_cluster_uid(encoding.text(started.cluster_uid));
  for (const RuleRevision& revision : started.revisions) {
    wire::RuleRevision& written = *out.add_revisions();
    written.set_rule(revision.rule);
    written.set_revision(revision.revision);
  }
  encode(started.options, encoding, *out.mutable_options());
}

void decode(const wire::Started& in, Decoding& decoding, Started& started) {
  started.build = in.build();
  started.log_id = in.log_id();
  started.cluster_uid = in.cluster_uid();
  for (const wire::RuleRevision& revision : in.revisions()) {
    started.revisions.push_back(
        {small(revision.rule(), decoding, "started.revisions.rule"),
         small(revision.revision(), decoding, "started.revisions.revision")});
  }
  decode(in.options(), decoding, started.options);
}

void encode(const Gap& gap, Encoding&, wire::Gap& out) {
  out.set_from(to_millis(gap.from));
  out.set_to(to_millis(gap.to));
  out.set_cause(static_cast<wire::GapCause>(gap.cause));
}

void decode(const wire::Gap& in, Decoding& decoding, Gap& gap) {
  gap.from = from_millis(in.from());
  gap.to = from_millis(in.to());
  gap.cause = decoding.value_not_zero<GapCause>(in.cause(), wire::GapCause_IsValid, "gap.cause");
}

void encode(const LeadershipGained& gained, Encoding&, wire::LeadershipGained& out) {
  out.set_epoch(gained.epoch);
}

void decode(const wire::LeadershipGained& in, Decoding&, LeadershipGained& gained) {
  gained.epoch = in.epoch();
}

void encode(const LeadershipLost& lost, Encoding& encoding, wire::LeadershipLost& out) {
  out.set_why(encoding.text(lost.why));
}

void decode(const wire::LeadershipLost& in, Decoding&, LeadershipLost& lost) {
  lost.why = in.why();
}

void encode(const ObjectGone& gone, Encoding& encoding, wire::ObjectGone& out) {
  out.set_object_number(encoding.touch(gone.name));
  out.set_uid_number(encoding.text_number(gone.uid));
  out.set_version(gone.version);
  out.set_how(static_cast<wire::GoneHow>(gone.how));
}

void decode(const wire::ObjectGone& in, Decoding& decoding, ObjectGone& gone) {
  gone.name = decoding.object(in.object_number(), "object_gone.object_number");
  gone.uid = decoding.text(in.uid_number(), "object_gone.uid_number");
  gone.version = in.version();
  gone.how = decoding.value_not_zero<GoneHow>(in.how(), wire::GoneHow_IsValid, "object_gone.how");
}

void encode(const KindListed& listed, Encoding& encoding, wire::KindListed& out) {
  out.set_kind(static_cast<wire::Kind>(listed.kind));
  out.set_version(listed.version);
  out.set_asked_back(encoding.back(listed.asked));
}

void decode(const wire::KindListed& in, Decoding& decoding, KindListed& listed) {
  listed.kind = kind_of(in.kind(), decoding, "kind_listed.kind");
  listed.version = in.version();
  listed.asked = decoding.event(in.asked_back());
}

void encode(const KindCaughtUp& caught_up, Encoding& encoding, wire::KindCaughtUp& out) {
  out.set_kind(static_cast<wire::Kind>(caught_up.kind));
  out.set_version(caught_up.version);
  out.set_asked_back(encoding.back(caught_up.asked));
}

void decode(const wire::KindCaughtUp& in, Decoding& decoding, KindCaughtUp& caught_up) {
  caught_up.kind = kind_of(in.kind(), decoding, "kind_caught_up.kind");
  caught_up.version = in.version();
  caught_up.asked = decoding.event(in.asked_back());
}

void encode(const LeftScope& left, Encoding& encoding, wire::LeftScope& out) {
  out.set_kind(static_cast<wire::Kind>(left.kind));
  out.set_why(encoding.text(left.why));
}

void decode(const wire::LeftScope& in, Decoding& decoding, LeftScope& left) {
  left.kind = kind_of(in.kind(), decoding, "left_scope.kind");
  left.why = in.why();
}

void encode(const WorldRestored& restored, Encoding&, wire::WorldRestored& out) {
  out.set_kind(static_cast<wire::Kind>(restored.kind));
  out.set_believed(restored.believed);
  out.set_served(restored.served);
}

void decode(const wire::WorldRestored& in, Decoding& decoding, WorldRestored& restored) {
  restored.kind = kind_of(in.kind(), decoding, "world_restored.kind");
  restored.believed = in.believed();
  restored.served = in.served();
}

void encode(const DeadlineFired&, Encoding&, wire::DeadlineFired&) {}

void decode(const wire::DeadlineFired&, Decoding&, DeadlineFired&) {}

void encode(const WriteDone& done, Encoding& encoding, wire::WriteDone& out) {
  out.set_decided_back(encoding.back(done.decided));
  out.set_result(static_cast<wire::WriteResult>(done.result));
  out.set_status(done.status);
  out.set_message(encoding.text(done.message));
  out.set_retry_after(done.retry_after.count());
  out.set_version(done.version);
  out.set_sent(done.sent.value);
}

void decode(const wire::WriteDone& in, Decoding& decoding, WriteDone& done) {
  done.decided = decoding.event(in.decided_back());
  done.result = decoding.value_not_zero<WriteResult>(in.result(), wire::WriteResult_IsValid,
                                                     "write_done.result");
  done.status = in.status();
  done.message = in.message();
  done.retry_after = Millis{in.retry_after()};
  done.version = in.version();
  done.sent = {in.sent()};
}

void encode(const Unreadable& unreadable, Encoding& encoding, wire::Unreadable& out) {
  out.set_where(encoding.text(unreadable.where));
  out.set_why(encoding.text(unreadable.why));
  out.set_size(unreadable.size);
  out.set_hash(unreadable.hash.value);
}

void decode(const wire::Unreadable& in, Decoding&, Unreadable& unreadable) {
  unreadable = {in.where(), in.why(), in.size(), {in.hash()}};
}

void encode(const Quarantined& quarantined, Encoding& encoding, wire::Quarantined& out) {
  out.set_partition_number(encoding.touch(quarantined.partition));
  out.set_check(encoding.text(quarantined.check));
  out.set_build(encoding.text(quarantined.build));
}

void decode(const wire::Quarantined& in, Decoding& decoding, Quarantined& quarantined) {
  quarantined.partition = decoding.partition(in.partition_number(), "quarantined.partition_number");
  quarantined.check = in.check();
  quarantined.build = in.build();
}

void encode(const FleetHoldChanged& hold, Encoding& encoding, wire::FleetHoldChanged& out) {
  out.set_held(hold.held);
  out.set_why(encoding.text(hold.why));
}

void decode(const wire::FleetHoldChanged& in, Decoding&, FleetHoldChanged& hold) {
  hold.held = in.held();
  hold.why = in.why();
}

void decode_kind(const wire::Fact& in, Decoding& with, Fact& fact) {
  switch (in.kind_case()) {
    case wire::Fact::kObjectSeen:
      return decode(in.object_seen(), with, fact.emplace<ObjectSeen>().object);
    case wire::Fact::kObjectGone:
      return decode(in.object_gone(), with, fact.emplace<ObjectGone>());
    case wire::Fact::kProbeRun:
      // The memory of the run that was decoded here before is used again.
      if (!std::holds_alternative<ProbeRun>(fact)) fact.emplace<ProbeRun>();
      return decode(in.probe_run(), with, std::get<ProbeRun>(fact));
    case wire::Fact::kWriteDone:
      return decode(in.write_done(), with, fact.emplace<WriteDone>());
    case wire::Fact::kDeadlineFired:
      return decode(in.deadline_fired(), with, fact.emplace<DeadlineFired>());
    case wire::Fact::kKindCaughtUp:
      return decode(in.kind_caught_up(), with, fact.emplace<KindCaughtUp>());
    case wire::Fact::kKindListed:
      return decode(in.kind_listed(), with, fact.emplace<KindListed>());
    case wire::Fact::kLeadershipGained:
      return decode(in.leadership_gained(), with, fact.emplace<LeadershipGained>());
    case wire::Fact::kLeadershipLost:
      return decode(in.leadership_lost(), with, fact.emplace<LeadershipLost>());
    case wire::Fact::kStarted:
      return decode(in.started(), with, fact.emplace<Started>());
    case wire::Fact::kGap:
      return decode(in.gap(), with, fact.emplace<Gap>());
    case wire::Fact::kLeftScope:
      return decode(in.left_scope(), with, fact.emplace<LeftScope>());
    case wire::Fact::kWorldRestored:
      return decode(in.world_restored(), with, fact.emplace<WorldRestored>());
    case wire::Fact::kUnreadable:
      return decode(in.unreadable(), with, fact.emplace<Unreadable>());
    case wire::Fact::kQuarantined:
      return decode(in.quarantined(), with, fact.emplace<Quarantined>());
    case wire::Fact::kFleetHoldChanged:
      return decode(in.fleet_hold_changed(), with, fact.emplace<FleetHoldChanged>());
    case wire::Fact::KIND_NOT_SET:
      return with.fail_kind(in, "fact");
  }
}

}  // namespace

void encode(const Fact& fact, Encoding& with, wire::Fact& out) {
  std::visit(
      Overloaded{
          [&](const Started& kind) { encode(kind, with, *out.mutable_started()); },
          [&](const Gap& kind) { encode(kind, with, *out.mutable_gap()); },
          [&](const LeadershipGained& kind) {
            encode(kind, with, *out.mutable_leadership_gained());
          },
          [&](const LeadershipLost& kind) { encode(kind, with, *out.mutable_leadership_lost()); },
          [&](const ObjectSeen& kind) { encode(kind.object, with, *out.mutable_object_seen()); },
          [&](const ObjectGone& kind) { encode(kind, with, *out.mutable_object_gone()); },
          [&](const KindListed& kind) { encode(kind, with, *out.mutable_kind_listed()); },
          [&](const KindCaughtUp& kind) { encode(kind, with, *out.mutable_kind_caught_up()); },
          [&](const LeftScope& kind) { encode(kind, with, *out.mutable_left_scope()); },
          [&](const WorldRestored& kind) { encode(kind, with, *out.mutable_world_restored()); },
          [&](const ProbeRun& kind) { encode(kind, with, *out.mutable_probe_run()); },
          [&](const DeadlineFired& kind) { encode(kind, with, *out.mutable_deadline_fired()); },
          [&](const WriteDone& kind) { encode(kind, with, *out.mutable_write_done()); },
          [&](const Unreadable& kind) { encode(kind, with, *out.mutable_unreadable()); },
          [&](const Quarantined& kind) { encode(kind, with, *out.mutable_quarantined()); },
          [&](const FleetHoldChanged& kind) {
            encode(kind, with, *out.mutable_fleet_hold_changed());
          },
      },
      fact);
}

void decode(const wire::Fact& in, Decoding& decoding, PlacedFact& placed) {
  if (in.partition_number() == 0) {
    placed.partition.reset();
  } else {
    if (!placed.partition) placed.partition.emplace();
    decoding.partition(in.partition_number(), "partition_number", *placed.partition);
  }
  decode_kind(in, decoding, placed.fact);
}

}  // namespace raycord
