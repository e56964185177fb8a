#include "core/overloaded.h"
#include "formats/codec_parts.h"
#include "formats/log.pb.h"

namespace raycord {
namespace {

// A template is absent where there is none, so the outer message decides whether to add one.
template <class AddMessage>
void encode(const Template& from, Encoding& encoding, AddMessage add) {
  if (from == Template{}) return;
  wire::Template& out = *add();
  out.set_object_number(encoding.number(from.object));
  out.set_seq_back(encoding.back(from.seq));
}

Template decode(bool present, const wire::Template& in, Decoding& decoding, const char* field) {
  if (!present) return {};
  return {decoding.object(in.object_number(), field), decoding.event(in.seq_back())};
}

void encode(const CreateCluster& create, Encoding& encoding, wire::CreateCluster& out) {
  out.set_object_number(encoding.touch(Kind::RayCluster, create.ns, create.name));
  encode(create.service, encoding, [&] { return out.mutable_service(); });
  out.set_spec_revision(create.spec_revision.value);
  out.set_purpose(static_cast<wire::Purpose>(create.purpose));
  out.set_counter(create.counter);
  out.set_attempt(create.attempt);
  out.set_at_min_size(create.at_min_size);
}

void decode(const wire::CreateCluster& in, Decoding& decoding, CreateCluster& create) {
  decoding.object(in.object_number(), Kind::RayCluster, "create_cluster.object_number", create.ns,
                  create.name);
  create.service = decode(in.has_service(), in.service(), decoding, "create_cluster.service");
  create.spec_revision = {in.spec_revision()};
  create.purpose =
      decoding.value<Purpose>(in.purpose(), wire::Purpose_IsValid, "create_cluster.purpose");
  create.counter = in.counter();
  create.attempt = in.attempt();
  create.at_min_size = in.at_min_size();
}

void encode(const UpdateClusterGroups& update, Encoding& encoding, wire::UpdateClusterGroups& out) {
  out.set_object_number(encoding.touch(Kind::RayCluster, update.ns, update.name));
  out.set_uid_number(encoding.text_number(update.uid));
  out.set_version(update.version);
  encode(update.service, encoding, [&] { return out.mutable_service(); });
  encode(update.cluster, encoding, [&] { return out.mutable_cluster(); });
  out.set_spec_revision(update.spec_revision.value);
}

void decode(const wire::UpdateClusterGroups& in, Decoding& decoding, UpdateClusterGroups& update) {
  decoding.object(in.object_number(), Kind::RayCluster, "update_cluster_groups.object_number",
                  update.ns, update.name);
  update.uid = decoding.text(in.uid_number(), "update_cluster_groups.uid_number");
  update.version = in.version();
  update.service =
      decode(in.has_service(), in.service(), decoding, "update_cluster_groups.service");
  update.cluster =
      decode(in.has_cluster(), in.cluster(), decoding, "update_cluster_groups.cluster");
  update.spec_revision = {in.spec_revision()};
}

void encode(const CreatePod& create, Encoding& encoding, wire::CreatePod& out) {
  out.set_object_number(encoding.touch(Kind::Pod, create.ns, create.name));
  encode(create.cluster, encoding, [&] { return out.mutable_cluster(); });
  out.set_node_type(static_cast<wire::NodeType>(create.node_type));
  out.set_group_number(encoding.text_number(create.group));
  out.set_replica_index_plus_1(plus_one(create.replica_index));
  out.set_replica_name(encoding.text(create.replica_name));
  out.set_host_index_plus_1(plus_one(create.host_index));
}

void decode(const wire::CreatePod& in, Decoding& decoding, CreatePod& create) {
  decoding.object(in.object_number(), Kind::Pod, "create_pod.object_number", create.ns,
                  create.name);
  create.cluster = decode(in.has_cluster(), in.cluster(), decoding, "create_pod.cluster");
  create.node_type =
      decoding.value<NodeType>(in.node_type(), wire::NodeType_IsValid, "create_pod.node_type");
  create.group = decoding.text(in.group_number(), "create_pod.group_number");
  create.replica_index = minus_one(in.replica_index_plus_1());
  create.replica_name = in.replica_name();
  create.host_index = minus_one(in.host_index_plus_1());
}

void encode(const CreateService& create, Encoding& encoding, wire::CreateService& out) {
  out.set_object_number(encoding.touch(Kind::Service, create.ns, create.name));
  out.set_role(static_cast<wire::ServiceRole>(create.role));
  out.set_selects_number(encoding.text_number(create.selects));
  encode(create.service, encoding, [&] { return out.mutable_service(); });
  encode(create.cluster, encoding, [&] { return out.mutable_cluster(); });
}

void decode(const wire::CreateService& in, Decoding& decoding, CreateService& create) {
  decoding.object(in.object_number(), Kind::Service, "create_service.object_number", create.ns,
                  create.name);
  create.role = decoding.value_not_zero<ServiceRole>(in.role(), wire::ServiceRole_IsValid,
                                                     "create_service.role");
  create.selects = decoding.text(in.selects_number(), "create_service.selects_number");
  create.service = decode(in.has_service(), in.service(), decoding, "create_service.service");
  create.cluster = decode(in.has_cluster(), in.cluster(), decoding, "create_service.cluster");
}

void encode(const SwitchService& change, Encoding& encoding, wire::SwitchService& out) {
  out.set_object_number(encoding.touch(Kind::Service, change.ns, change.name));
  out.set_uid_number(encoding.text_number(change.uid));
  out.set_version(change.version);
  out.set_role(static_cast<wire::ServiceRole>(change.role));
  out.set_selects_number(encoding.text_number(change.selects));
  encode(change.service, encoding, [&] { return out.mutable_service(); });
  encode(change.cluster, encoding, [&] { return out.mutable_cluster(); });
  encode(change.current, encoding, [&] { return out.mutable_current(); });
}

void decode(const wire::SwitchService& in, Decoding& decoding, SwitchService& change) {
  decoding.object(in.object_number(), Kind::Service, "switch_service.object_number", change.ns,
                  change.name);
  change.uid = decoding.text(in.uid_number(), "switch_service.uid_number");
  change.version = in.version();
  change.role = decoding.value_not_zero<ServiceRole>(in.role(), wire::ServiceRole_IsValid,
                                                     "switch_service.role");
  change.selects = decoding.text(in.selects_number(), "switch_service.selects_number");
  change.service = decode(in.has_service(), in.service(), decoding, "switch_service.service");
  change.cluster = decode(in.has_cluster(), in.cluster(), decoding, "switch_service.cluster");
  change.current = decode(in.has_current(), in.current(), decoding, "switch_service.current");
}

void encode(const CreateDependent& create, Encoding& encoding, wire::CreateAccess& out) {
  out.set_object_number(encoding.touch(create.kind, create.ns, create.name));
  encode(create.cluster, encoding, [&] { return out.mutable_cluster(); });
}

void decode(const wire::CreateAccess& in, Decoding& decoding, CreateDependent& create) {
  ObjectName object = decoding.object(in.object_number(), "create_access.object_number");
  create.kind = object.kind;
  create.ns = std::move(object.ns);
  create.name = std::move(object.name);
  create.cluster = decode(in.has_cluster(), in.cluster(), decoding, "create_access.cluster");
}

void encode(const DeleteObject& remove, Encoding& encoding, wire::DeleteObject& out) {
  out.set_object_number(encoding.touch(remove.object));
  out.set_uid_number(encoding.text_number(remove.uid));
}

void decode(const wire::DeleteObject& in, Decoding& decoding, DeleteObject& remove) {
  remove.object = decoding.object(in.object_number(), "delete_object.object_number");
  remove.uid = decoding.text(in.uid_number(), "delete_object.uid_number");
}

void encode(const SetFinalizer& set, Encoding& encoding, wire::SetFinalizer& out) {
  out.set_object_number(encoding.touch(set.kind, set.ns, set.name));
  out.set_uid_number(encoding.text_number(set.uid));
  out.set_version(set.version);
  out.set_present(set.present);
  encode(set.owner, encoding, [&] { return out.mutable_service(); });
}

void decode(const wire::SetFinalizer& in, Decoding& decoding, SetFinalizer& set) {
  ObjectName object = decoding.object(in.object_number(), "set_finalizer.object_number");
  set.kind = object.kind;
  set.ns = std::move(object.ns);
  set.name = std::move(object.name);
  set.uid = decoding.text(in.uid_number(), "set_finalizer.uid_number");
  set.version = in.version();
  set.present = in.present();
  set.owner = decode(in.has_service(), in.service(), decoding, "set_finalizer.service");
}

void encode(const LabelPod& label, Encoding& encoding, wire::LabelPod& out) {
  out.set_object_number(encoding.touch(Kind::Pod, label.ns, label.name));
  out.set_uid_number(encoding.text_number(label.uid));
  out.set_serve(label.serve);
}

void decode(const wire::LabelPod& in, Decoding& decoding, LabelPod& label) {
  decoding.object(in.object_number(), Kind::Pod, "label_pod.object_number", label.ns, label.name);
  label.uid = decoding.text(in.uid_number(), "label_pod.uid_number");
  label.serve = in.serve();
}

void encode(const RememberOnService& remember, Encoding& encoding, wire::RememberOnService& out) {
  out.set_object_number(encoding.touch(Kind::RayService, remember.ns, remember.name));
  out.set_uid_number(encoding.text_number(remember.uid));
  out.set_name_counter(remember.name_counter);
  out.set_attempts(remember.attempts);
  if (remember.back_off_until) out.set_back_off_until(to_millis(*remember.back_off_until));
}

void decode(const wire::RememberOnService& in, Decoding& decoding, RememberOnService& remember) {
  decoding.object(in.object_number(), Kind::RayService, "remember_on_service.object_number",
                  remember.ns, remember.name);
  remember.uid = decoding.text(in.uid_number(), "remember_on_service.uid_number");
  remember.name_counter = in.name_counter();
  remember.attempts = in.attempts();
  if (in.has_back_off_until()) remember.back_off_until = from_millis(in.back_off_until());
}

void encode(const RememberOnCluster& remember, Encoding& encoding, wire::RememberOnCluster& out) {
  out.set_object_number(encoding.touch(Kind::RayCluster, remember.ns, remember.name));
  out.set_uid_number(encoding.text_number(remember.uid));
  if (remember.delete_after) out.set_delete_after(to_millis(*remember.delete_after));
  out.set_accepted_config(remember.accepted_config.value);
}

void decode(const wire::RememberOnCluster& in, Decoding& decoding, RememberOnCluster& remember) {
  decoding.object(in.object_number(), Kind::RayCluster, "remember_on_cluster.object_number",
                  remember.ns, remember.name);
  remember.uid = decoding.text(in.uid_number(), "remember_on_cluster.uid_number");
  if (in.has_delete_after()) remember.delete_after = from_millis(in.delete_after());
  remember.accepted_config = {in.accepted_config()};
}

void encode(const PutServeConfig& put, Encoding& encoding, wire::PutServeConfig& out) {
  out.set_object_number(encoding.touch(Kind::RayCluster, put.ns, put.cluster));
  out.set_head_uid_number(encoding.text_number(put.head_uid));
  out.set_address(encoding.text(put.address));
  out.set_port(put.port);
  out.set_to_agent(put.to_agent);
  out.set_token_secret(encoding.text(put.token_secret));
  encode(put.service, encoding, [&] { return out.mutable_service(); });
  out.set_config(put.config.value);
  if (put.capacity) out.set_capacity(*put.capacity);
}

void decode(const wire::PutServeConfig& in, Decoding& decoding, PutServeConfig& put) {
  decoding.object(in.object_number(), Kind::RayCluster, "put_serve_config.object_number", put.ns,
                  put.cluster);
  put.head_uid = decoding.text(in.head_uid_number(), "put_serve_config.head_uid_number");
  put.address = in.address();
  put.port = in.port();
  put.to_agent = in.to_agent();
  put.token_secret = in.token_secret();
  put.service = decode(in.has_service(), in.service(), decoding, "put_serve_config.service");
  put.config = {in.config()};
  if (in.has_capacity()) put.capacity = in.capacity();
}

void encode(const WriteServiceStatus& write, Encoding& encoding, wire::WriteServiceStatus& out) {
  out.set_object_number(encoding.touch(Kind::RayService, write.ns, write.name));
  out.set_uid_number(encoding.text_number(write.uid));
  out.set_version(write.version);
  out.set_content(write.content.value);
}

void decode(const wire::WriteServiceStatus& in, Decoding& decoding, WriteServiceStatus& write) {
  decoding.object(in.object_number(), Kind::RayService, "write_service_status.object_number",
                  write.ns, write.name);
  write.uid = decoding.text(in.uid_number(), "write_service_status.uid_number");
  write.version = in.version();
  write.content = {in.content()};
}

void encode(const WriteClusterStatus& write, Encoding& encoding, wire::WriteClusterStatus& out) {
  out.set_object_number(encoding.touch(Kind::RayCluster, write.ns, write.name));
  out.set_uid_number(encoding.text_number(write.uid));
  out.set_version(write.version);
  out.set_content(write.content.value);
}

void decode(const wire::WriteClusterStatus& in, Decoding& decoding, WriteClusterStatus& write) {
  decoding.object(in.object_number(), Kind::RayCluster, "write_cluster_status.object_number",
                  write.ns, write.name);
  write.uid = decoding.text(in.uid_number(), "write_cluster_status.uid_number");
  write.version = in.version();
  write.content = {in.content()};
}

void encode(const UpdateIngress& update, Encoding& encoding, wire::UpdateIngress& out) {
  out.set_object_number(encoding.touch(Kind::Ingress, update.ns, update.name));
  out.set_uid_number(encoding.text_number(update.uid));
  out.set_version(update.version);
  encode(update.cluster, encoding, [&] { return out.mutable_cluster(); });
  encode(update.current, encoding, [&] { return out.mutable_current(); });
}

void decode(const wire::UpdateIngress& in, Decoding& decoding, UpdateIngress& update) {
  decoding.object(in.object_number(), Kind::Ingress, "update_ingress.object_number", update.ns,
                  update.name);
  update.uid = decoding.text(in.uid_number(), "update_ingress.uid_number");
  update.version = in.version();
  update.cluster = decode(in.has_cluster(), in.cluster(), decoding, "update_ingress.cluster");
  update.current = decode(in.has_current(), in.current(), decoding, "update_ingress.current");
}

void encode(const StampHead& stamp, Encoding& encoding, wire::StampHead& out) {
  out.set_object_number(encoding.touch(Kind::Pod, stamp.ns, stamp.name));
  out.set_uid_number(encoding.text_number(stamp.uid));
  out.set_revision(stamp.revision.value);
}

void decode(const wire::StampHead& in, Decoding& decoding, StampHead& stamp) {
  decoding.object(in.object_number(), Kind::Pod, "stamp_head.object_number", stamp.ns, stamp.name);
  stamp.uid = decoding.text(in.uid_number(), "stamp_head.uid_number");
  stamp.revision = {in.revision()};
}

void encode(const WriteRouting& write, Encoding& encoding, wire::WriteRouting& out) {
  out.set_object_number(encoding.touch(write.kind, write.ns, write.name));
  out.set_uid_number(encoding.text_number(write.uid));
  out.set_version(write.version);
  encode(write.service, encoding, [&] { return out.mutable_service(); });
  encode(write.current, encoding, [&] { return out.mutable_current(); });
  for (const RouteBackend& backend : write.backends) {
    encode(backend, encoding, *out.add_backends());
  }
}

void decode(const wire::WriteRouting& in, Decoding& decoding, WriteRouting& write) {
  ObjectName object = decoding.object(in.object_number(), "write_routing.object_number");
  write.kind = object.kind;
  write.ns = std::move(object.ns);
  write.name = std::move(object.name);
  write.uid = decoding.text(in.uid_number(), "write_routing.uid_number");
  write.version = in.version();
  write.service = decode(in.has_service(), in.service(), decoding, "write_routing.service");
  write.current = decode(in.has_current(), in.current(), decoding, "write_routing.current");
  for (const wire::RouteBackend& backend : in.backends()) {
    write.backends.push_back(decode_backend(backend));
  }
}

void encode_effect(const Effect& effect, Encoding& with, wire::Decision& out) {
  std::visit(
      Overloaded{
          [&](const CreateCluster& it) { encode(it, with, *out.mutable_create_cluster()); },
          [&](const UpdateClusterGroups& it) {
            encode(it, with, *out.mutable_update_cluster_groups());
          },
          [&](const CreatePod& it) { encode(it, with, *out.mutable_create_pod()); },
          [&](const CreateService& it) { encode(it, with, *out.mutable_create_service()); },
          [&](const SwitchService& it) { encode(it, with, *out.mutable_switch_service()); },
          [&](const CreateDependent& it) { encode(it, with, *out.mutable_create_access()); },
          [&](const DeleteObject& it) { encode(it, with, *out.mutable_delete_object()); },
          [&](const SetFinalizer& it) { encode(it, with, *out.mutable_set_finalizer()); },
          [&](const LabelPod& it) { encode(it, with, *out.mutable_label_pod()); },
          [&](const RememberOnService& it) {
            encode(it, with, *out.mutable_remember_on_service());
          },
          [&](const RememberOnCluster& it) {
            encode(it, with, *out.mutable_remember_on_cluster());
          },
          [&](const PutServeConfig& it) { encode(it, with, *out.mutable_put_serve_config()); },
          [&](const WriteServiceStatus& it) {
            encode(it, with, *out.mutable_write_service_status());
          },
          [&](const WriteClusterStatus& it) {
            encode(it, with, *out.mutable_write_cluster_status());
          },
          [&](const UpdateIngress& it) { encode(it, with, *out.mutable_update_ingress()); },
          [&](const StampHead& it) { encode(it, with, *out.mutable_stamp_head()); },
          [&](const WriteRouting& it) { encode(it, with, *out.mutable_write_routing()); },
      },
      effect);
}

void decode_effect(const wire::Decision& in, Decoding& with, Effect& effect) {
  switch (in.effect_case()) {
    case wire::Decision::kWriteServiceStatus:
      return decode(in.write_service_status(), with, effect.emplace<WriteServiceStatus>());
    case wire::Decision::kWriteClusterStatus:
      return decode(in.write_cluster_status(), with, effect.emplace<WriteClusterStatus>());
    case wire::Decision::kCreatePod:
      return decode(in.create_pod(), with, effect.emplace<CreatePod>());
    case wire::Decision::kDeleteObject:
      return decode(in.delete_object(), with, effect.emplace<DeleteObject>());
    case wire::Decision::kCreateCluster:
      return decode(in.create_cluster(), with, effect.emplace<CreateCluster>());
    case wire::Decision::kUpdateClusterGroups:
      return decode(in.update_cluster_groups(), with, effect.emplace<UpdateClusterGroups>());
    case wire::Decision::kCreateService:
      return decode(in.create_service(), with, effect.emplace<CreateService>());
    case wire::Decision::kSwitchService:
      return decode(in.switch_service(), with, effect.emplace<SwitchService>());
    case wire::Decision::kCreateAccess:
      return decode(in.create_access(), with, effect.emplace<CreateDependent>());
    case wire::Decision::kSetFinalizer:
      return decode(in.set_finalizer(), with, effect.emplace<SetFinalizer>());
    case wire::Decision::kLabelPod:
      return decode(in.label_pod(), with, effect.emplace<LabelPod>());
    case wire::Decision::kRememberOnService:
      return decode(in.remember_on_service(), with, effect.emplace<RememberOnService>());
    case wire::Decision::kRememberOnCluster:
      return decode(in.remember_on_cluster(), with, effect.emplace<RememberOnCluster>());
    case wire::Decision::kPutServeConfig:
      return decode(in.put_serve_config(), with, effect.emplace<PutServeConfig>());
    case wire::Decision::kUpdateIngress:
      return decode(in.update_ingress(), with, effect.emplace<UpdateIngress>());
    case wire::Decision::kStampHead:
      return decode(in.stamp_head(), with, effect.emplace<StampHead>());
    case wire::Decision::kWriteRouting:
      return decode(in.write_routing(), with, effect.emplace<WriteRouting>());
    case wire::Decision::EFFECT_NOT_SET:
      return with.fail_kind(in, "decision");
  }
}

}  // namespace

void encode(const Decision& decision, Encoding& encoding, wire::Decision& out) {
  out.set_rule(static_cast<std::uint32_t>(decision.rule));
  out.set_revision(decision.revision);
  out.set_partition_number(encoding.touch(decision.partition));
  for (const Seq cause : decision.causes) out.add_causes_back(encoding.back(cause));
  encode_effect(decision.effect, encoding, out);
}

// A rule that this build does not have is kept as its number: what it did folds all the same.
void decode(const wire::Decision& in, Decoding& decoding, Decision& decision) {
  decision.rule = static_cast<Rule>(static_cast<std::uint16_t>(in.rule()));
  decision.revision = static_cast<std::uint16_t>(in.revision());
  if (in.rule() > UINT16_MAX) decoding.fail_newer("rule", "value " + std::to_string(in.rule()));
  if (in.revision() > UINT16_MAX) {
    decoding.fail_newer("revision", "value " + std::to_string(in.revision()));
  }
  decision.partition = decoding.partition(in.partition_number(), "partition_number");
  decision.causes.clear();
  decision.causes.reserve(static_cast<std::size_t>(in.causes_back_size()));
  for (const std::uint64_t back : in.causes_back()) {
    decision.causes.push_back(decoding.event(back));
  }
  decode_effect(in, decoding, decision.effect);
}

}  // namespace raycord
