// The schema is for ever: what was once written down here may be added to, never changed.

#include <cctype>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>

#include <google/protobuf/descriptor.h>
#include <gtest/gtest.h>

#include "formats/frame_codec.h"
#include "formats/log.pb.h"
#include "formats/log_objects.pb.h"

namespace raycord {
namespace {

namespace wire = raycord::log::v1;

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string type_of(const google::protobuf::FieldDescriptor& field) {
  std::string type = field.type_name();
  if (field.message_type() != nullptr) type = field.message_type()->name();
  if (field.enum_type() != nullptr) type = field.enum_type()->name();
  if (field.is_repeated()) return "repeated " + type;
  return field.has_optional_keyword() ? "optional " + type : type;
}

std::string text_of(const google::protobuf::FileDescriptor& file) {
  std::ostringstream out;
  for (int e = 0; e < file.enum_type_count(); ++e) {
    const auto& type = *file.enum_type(e);
    out << "enum " << type.name() << "\n";
    for (int i = 0; i < type.value_count(); ++i) {
      out << "  " << type.value(i)->number() << " " << type.value(i)->name() << "\n";
    }
  }
  for (int m = 0; m < file.message_type_count(); ++m) {
    const auto& message = *file.message_type(m);
    out << "message " << message.name() << "\n";
    for (int i = 0; i < message.field_count(); ++i) {
      const auto& field = *message.field(i);
      out << "  " << field.number() << " " << field.name() << " " << type_of(field);
      if (field.real_containing_oneof() != nullptr) {
        out << " of " << field.real_containing_oneof()->name();
      }
      out << "\n";
    }
  }
  return out.str();
}

TEST(LogSchema, NumbersNamesAndTypesAreThoseWrittenDown) {
  const std::string path = std::string(TEST_DATA) + "/formats/data/log_schema.txt";
  const std::string schema =
      text_of(*wire::Frame::descriptor()->file()) + text_of(*wire::Meta::descriptor()->file());
  if (std::getenv("RAYCORD_UPDATE_GOLDEN") != nullptr) std::ofstream(path) << schema;
  EXPECT_EQ(schema, read_file(path))
      << "Old logs must stay readable. If you only added fields, messages or values with new "
         "numbers, run this test with RAYCORD_UPDATE_GOLDEN=1 and commit the file; anything else "
         "is not allowed.";
}

// The numbers of core's enums are those of the schema. A switch per enum, so that a new enumerator
// does not compile until it has a place in the log.
int wire_of(Kind kind) {
  switch (kind) {
    case Kind::RayService:
      return wire::KIND_RAY_SERVICE;
    case Kind::RayCluster:
      return wire::KIND_RAY_CLUSTER;
    case Kind::Pod:
      return wire::KIND_POD;
    case Kind::Service:
      return wire::KIND_SERVICE;
    case Kind::EndpointSlice:
      return wire::KIND_ENDPOINT_SLICE;
    case Kind::ServiceAccount:
      return wire::KIND_SERVICE_ACCOUNT;
    case Kind::Role:
      return wire::KIND_ROLE;
    case Kind::RoleBinding:
      return wire::KIND_ROLE_BINDING;
    case Kind::Job:
      return wire::KIND_JOB;
    case Kind::Ingress:
      return wire::KIND_INGRESS;
    case Kind::Secret:
      return wire::KIND_SECRET;
    case Kind::Gateway:
      return wire::KIND_GATEWAY;
    case Kind::HTTPRoute:
      return wire::KIND_HTTP_ROUTE;
  }
  return -1;
}

int wire_of(FailoverMode mode) {
  switch (mode) {
    case FailoverMode::Unset:
      return wire::FAILOVER_MODE_UNSET;
    case FailoverMode::Enforce:
      return wire::FAILOVER_MODE_ENFORCE;
    case FailoverMode::Shadow:
      return wire::FAILOVER_MODE_SHADOW;
    case FailoverMode::Off:
      return wire::FAILOVER_MODE_OFF;
  }
  return -1;
}

int wire_of(UpgradeType type) {
  switch (type) {
    case UpgradeType::Unset:
      return wire::UPGRADE_TYPE_UNSET;
    case UpgradeType::NewCluster:
      return wire::UPGRADE_TYPE_NEW_CLUSTER;
    case UpgradeType::None:
      return wire::UPGRADE_TYPE_NONE;
    case UpgradeType::Incremental:
      return wire::UPGRADE_TYPE_INCREMENTAL;
  }
  return -1;
}

int wire_of(GapCause cause) {
  switch (cause) {
    case GapCause::Restart:
      return wire::GAP_CAUSE_RESTART;
    case GapCause::Pause:
      return wire::GAP_CAUSE_PAUSE;
    case GapCause::ClockStep:
      return wire::GAP_CAUSE_CLOCK_STEP;
    case GapCause::LogLost:
      return wire::GAP_CAUSE_LOG_LOST;
    case GapCause::OtherLeader:
      return wire::GAP_CAUSE_OTHER_LEADER;
    case GapCause::ApiServerAway:
      return wire::GAP_CAUSE_API_SERVER_AWAY;
  }
  return -1;
}

int wire_of(GoneHow how) {
  switch (how) {
    case GoneHow::Watched:
      return wire::GONE_HOW_WATCHED;
    case GoneHow::Unlisted:
      return wire::GONE_HOW_UNLISTED;
    case GoneHow::Answered:
      return wire::GONE_HOW_ANSWERED;
  }
  return -1;
}

int wire_of(ProbeTrouble trouble) {
  switch (trouble) {
    case ProbeTrouble::None:
      return wire::PROBE_TROUBLE_NONE;
    case ProbeTrouble::Refused:
      return wire::PROBE_TROUBLE_REFUSED;
    case ProbeTrouble::Timeout:
      return wire::PROBE_TROUBLE_TIMEOUT;
    case ProbeTrouble::Reset:
      return wire::PROBE_TROUBLE_RESET;
    case ProbeTrouble::BadStatus:
      return wire::PROBE_TROUBLE_BAD_STATUS;
    case ProbeTrouble::Unreadable:
      return wire::PROBE_TROUBLE_UNREADABLE;
    case ProbeTrouble::TooLarge:
      return wire::PROBE_TROUBLE_TOO_LARGE;
    case ProbeTrouble::Unauthorized:
      return wire::PROBE_TROUBLE_UNAUTHORIZED;
    case ProbeTrouble::NoServeApi:
      return wire::PROBE_TROUBLE_NO_SERVE_API;
  }
  return -1;
}

int wire_of(WriteResult result) {
  switch (result) {
    case WriteResult::Done:
      return wire::WRITE_RESULT_DONE;
    case WriteResult::Conflict:
      return wire::WRITE_RESULT_CONFLICT;
    case WriteResult::AlreadyExists:
      return wire::WRITE_RESULT_ALREADY_EXISTS;
    case WriteResult::NotFound:
      return wire::WRITE_RESULT_NOT_FOUND;
    case WriteResult::Refused:
      return wire::WRITE_RESULT_REFUSED;
    case WriteResult::Failed:
      return wire::WRITE_RESULT_FAILED;
    case WriteResult::Unknown:
      return wire::WRITE_RESULT_UNKNOWN;
    case WriteResult::Withdrawn:
      return wire::WRITE_RESULT_WITHDRAWN;
    case WriteResult::Throttled:
      return wire::WRITE_RESULT_THROTTLED;
  }
  return -1;
}

int wire_of(Purpose purpose) {
  switch (purpose) {
    case Purpose::Unknown:
      return wire::PURPOSE_UNKNOWN;
    case Purpose::First:
      return wire::PURPOSE_FIRST;
    case Purpose::Upgrade:
      return wire::PURPOSE_UPGRADE;
    case Purpose::Failover:
      return wire::PURPOSE_FAILOVER;
  }
  return -1;
}

int wire_of(PodPhase phase) {
  switch (phase) {
    case PodPhase::Pending:
      return wire::POD_PHASE_PENDING;
    case PodPhase::Running:
      return wire::POD_PHASE_RUNNING;
    case PodPhase::Succeeded:
      return wire::POD_PHASE_SUCCEEDED;
    case PodPhase::Failed:
      return wire::POD_PHASE_FAILED;
    case PodPhase::Unknown:
      return wire::POD_PHASE_UNKNOWN;
  }
  return -1;
}

int wire_of(NodeType type) {
  switch (type) {
    case NodeType::None:
      return wire::NODE_TYPE_NONE;
    case NodeType::Head:
      return wire::NODE_TYPE_HEAD;
    case NodeType::Worker:
      return wire::NODE_TYPE_WORKER;
  }
  return -1;
}

int wire_of(RestartPolicy policy) {
  switch (policy) {
    case RestartPolicy::Always:
      return wire::RESTART_POLICY_ALWAYS;
    case RestartPolicy::OnFailure:
      return wire::RESTART_POLICY_ON_FAILURE;
    case RestartPolicy::Never:
      return wire::RESTART_POLICY_NEVER;
  }
  return -1;
}

int wire_of(ServiceRole role) {
  switch (role) {
    case ServiceRole::ClusterHead:
      return wire::SERVICE_ROLE_CLUSTER_HEAD;
    case ServiceRole::HeadlessWorkers:
      return wire::SERVICE_ROLE_HEADLESS_WORKERS;
    case ServiceRole::ServiceHead:
      return wire::SERVICE_ROLE_SERVICE_HEAD;
    case ServiceRole::Serve:
      return wire::SERVICE_ROLE_SERVE;
    case ServiceRole::ClusterServe:
      return wire::SERVICE_ROLE_CLUSTER_SERVE;
    case ServiceRole::Backend:
      return wire::SERVICE_ROLE_BACKEND;
  }
  return -1;
}

// Every value of the schema but the one never written is the number of core's enumerator.
template <class Enum>
void expect_same_numbers(const google::protobuf::EnumDescriptor& type) {
  for (int i = 0; i < type.value_count(); ++i) {
    const auto& value = *type.value(i);
    if (value.name().ends_with("_UNSPECIFIED")) continue;
    EXPECT_EQ(wire_of(static_cast<Enum>(value.number())), value.number()) << value.name();
  }
}

TEST(LogSchema, EnumsOfCoreHaveTheNumbersOfTheLog) {
  expect_same_numbers<Kind>(*wire::Kind_descriptor());
  expect_same_numbers<FailoverMode>(*wire::FailoverMode_descriptor());
  expect_same_numbers<UpgradeType>(*wire::UpgradeType_descriptor());
  expect_same_numbers<GapCause>(*wire::GapCause_descriptor());
  expect_same_numbers<GoneHow>(*wire::GoneHow_descriptor());
  expect_same_numbers<ProbeTrouble>(*wire::ProbeTrouble_descriptor());
  expect_same_numbers<WriteResult>(*wire::WriteResult_descriptor());
  expect_same_numbers<Purpose>(*wire::Purpose_descriptor());
  expect_same_numbers<PodPhase>(*wire::PodPhase_descriptor());
  expect_same_numbers<NodeType>(*wire::NodeType_descriptor());
  expect_same_numbers<RestartPolicy>(*wire::RestartPolicy_descriptor());
  expect_same_numbers<ServiceRole>(*wire::ServiceRole_descriptor());
}

// The bytes at the start of the lines between "```bytes" and "```".
std::string bytes_of_document(const std::string& document) {
  std::istringstream lines(document.substr(document.find("```bytes\n") + 9));
  std::string bytes;
  for (std::string line; std::getline(lines, line) && line != "```";) {
    std::istringstream words(line);
    for (std::string word; words >> word;) {
      if (word.size() != 2 || !std::isxdigit(static_cast<unsigned char>(word[0])) ||
          !std::isxdigit(static_cast<unsigned char>(word[1]))) {
        break;
      }
      bytes += word + " ";
    }
  }
  return bytes;
}

std::string hex_of(const std::string& bytes) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    text += {kDigits[byte >> 4], kDigits[byte & 15], ' '};
  }
  return text;
}

TEST(LogSchema, TheExampleInTheDocumentIsWhatTheCodecWrites) {
  const PartitionName llm{Kind::RayService, "default", "llm"};
  ProbeRun run;
  run.ns = "default";
  run.cluster = "llm-raycluster-x7k2p";
  run.head_uid = "6f1c2a4e";
  run.first = Time{Millis{1795457073042}};
  run.last = Time{Millis{1795457133039}};
  run.count = 30;
  run.slowest = Millis{41};
  run.continued = true;
  Decision decision{{1043}, Rule::LabelHead, 1, llm, {{1040}, {1042}}, {}};
  decision.effect = LabelPod{"default", "llm-head", "6f1c2a4e", true};
  const Frame frame{{1042}, Time{Millis{1795457133042}}, 3, {{llm, run}}, {decision}};
  NameTable names;
  const EncodedFrame encoded = encode_frame(frame, names);
  std::string introduced;
  for (const NumberedName& name : encoded.new_names) introduced += name.name + "\n";
  EXPECT_EQ(introduced,
            "rayservice/default/llm\n"
            "RayCluster default/llm-raycluster-x7k2p\n"
            "dashboard default/llm-raycluster-x7k2p 0 6f1c2a4e\n"
            "Pod default/llm-head\n"
            "=6f1c2a4e\n");
  const std::string document = read_file(std::string(SOURCE_ROOT) + "/docs/log_payload.md");
  EXPECT_EQ(hex_of(encoded.payload), bytes_of_document(document));
}

}  // namespace
}  // namespace raycord
