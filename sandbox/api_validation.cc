#include "sandbox/api_validation.h"

#include <algorithm>

namespace raycord {
namespace {

constexpr std::size_t kLabelMax = 63;       // DNS label, label value, label name.
constexpr std::size_t kSubdomainMax = 253;  // DNS subdomain.

using Verdict = std::optional<ApiFailure>;

bool lower_or_digit(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }
bool alphanumeric(char c) { return lower_or_digit(c) || (c >= 'A' && c <= 'Z'); }

constexpr const char* kSubdomainRule =
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or "
    "'.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used "
    "for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
constexpr const char* kLabelRule =
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and "
    "must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used "
    "for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
constexpr const char* kServiceNameRule =
    "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an "
    "alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', "
    "regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')";
constexpr const char* kLabelValueRule =
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', "
    "and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or "
    "'12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";

std::string invalid_value(const std::string& value, const std::string& rule) {
  return "Invalid value: \"" + value + "\": " + rule;
}

std::string too_long(std::size_t limit) {
  return "must be no more than " + std::to_string(limit) + " characters";
}

bool is_label_value(std::string_view value) {
  if (value.empty()) return true;
  if (!alphanumeric(value.front()) || !alphanumeric(value.back())) return false;
  return std::all_of(value.begin(), value.end(),
                     [](char c) { return alphanumeric(c) || c == '-' || c == '_' || c == '.'; });
}

bool is_label_key(std::string_view key) {
  const auto slash = key.find('/');
  if (slash != std::string_view::npos) {
    if (!is_dns_subdomain(key.substr(0, slash))) return false;
    key.remove_prefix(slash + 1);
  }
  return !key.empty() && key.size() <= kLabelMax && is_label_value(key);
}

Verdict validate_name(const ApiKind& kind, const std::string& name) {
  const auto refuse = [&](const std::string& rule) {
    return invalid_field(kind, name, "metadata.name", "FieldValueInvalid",
                         invalid_value(name, rule));
  };
  if (name.empty()) {
    return invalid_field(kind, name, "metadata.name", "FieldValueRequired",
                         "Required value: name or generateName is required");
  }
  if (kind.id == ApiKindId::Role || kind.id == ApiKindId::RoleBinding) {
    if (name.find_first_of("/%") != std::string::npos) return refuse("may not contain '/' or '%'");
    return std::nullopt;
  }
  if (kind.id == ApiKindId::Service || kind.id == ApiKindId::Namespace) {
    if (name.size() > kLabelMax) return refuse(too_long(kLabelMax));
    const bool service = kind.id == ApiKindId::Service;
    if (!is_dns_label(name)) return refuse(service ? kServiceNameRule : kLabelRule);
    if (service && name.front() >= '0' && name.front() <= '9') return refuse(kServiceNameRule);
    return std::nullopt;
  }
  if (name.size() > kSubdomainMax) return refuse(too_long(kSubdomainMax));
  if (!is_dns_subdomain(name)) return refuse(kSubdomainRule);
  return std::nullopt;
}

Verdict validate_labels(const ApiKind& kind, const std::string& name, const Json& labels,
                        const std::string& field) {
  for (const auto& [key, value] : labels.items()) {
    if (!is_label_key(key)) {
      return invalid_field(kind, name, field, "FieldValueInvalid",
                           invalid_value(key,
                                         "name part must consist of alphanumeric characters, "
                                         "'-', '_' or '.', and be at most 63 characters"));
    }
    if (!value.is_string()) {
      return bad_request(kind.kind + " in version \"" + kind.served[0].version +
                         "\" cannot be handled as a " + kind.kind + ": " + field + "." + key +
                         " must be a string");
    }
    const std::string& text = value.get_ref<const std::string&>();
    if (text.size() > kLabelMax) {
      return invalid_field(kind, name, field, "FieldValueInvalid",
                           invalid_value(text, too_long(kLabelMax)));
    }
    if (!is_label_value(text)) {
      return invalid_field(kind, name, field, "FieldValueInvalid",
                           invalid_value(text, kLabelValueRule));
    }
  }
  return std::nullopt;
}

// Refuses until something is wrong; then remembers the first refusal.
class FieldCheck {
 public:
  FieldCheck(const ApiKind& kind, const Json& object)
      : kind_(kind), name_(text_at(object, {"metadata", "name"})) {}

  void require(const Json& holder, const char* key, const std::string& field) {
    if (holder.contains(key) && !holder[key].is_null()) return;
    refuse(field + "." + key, "FieldValueRequired", "Required value");
  }

  void type(const Json& holder, const char* key, const std::string& field, const char* wanted) {
    const auto found = holder.find(key);
    if (found == holder.end() || found->is_null() || fits(*found, wanted)) return;
    std::string shown = "\"" + std::string(found->type_name()) + "\"";
    refuse(field + "." + key, "FieldValueTypeInvalid",
           "Invalid value: " + shown + ": " + field + "." + key + " in body must be of type " +
               wanted + ": " + shown);
  }

  void at_least_zero(const Json& holder, const char* key, const std::string& field) {
    const auto found = holder.find(key);
    if (found == holder.end() || !found->is_number_integer()) return;
    if (found->get<std::int64_t>() >= 0) return;
    refuse(field + "." + key, "FieldValueInvalid",
           "Invalid value: " + found->dump() + ": " + field + "." + key +
               " in body should be greater than or equal to 0");
  }

  void refuse(const std::string& field, const std::string& reason, const std::string& text) {
    if (!verdict_) verdict_ = invalid_field(kind_, name_, field, reason, text);
  }

  Verdict verdict() const { return verdict_; }

 private:
  static bool fits(const Json& value, std::string_view wanted) {
    if (wanted == "string") return value.is_string();
    if (wanted == "integer") return value.is_number_integer();
    if (wanted == "boolean") return value.is_boolean();
    if (wanted == "array") return value.is_array();
    return value.is_object();
  }

  const ApiKind& kind_;
  std::string name_;
  Verdict verdict_;
};

void check_group(FieldCheck& check, const Json& group, const std::string& field) {
  check.require(group, "template", field);
  check.type(group, "template", field, "object");
  check.type(group, "rayStartParams", field, "object");
  const Json* containers = look(group, {"template", "spec", "containers"});
  if (look(group, {"template", "spec"}) != nullptr && containers == nullptr) {
    check.refuse(field + ".template.spec.containers", "FieldValueRequired", "Required value");
  }
}

void check_ray_cluster(FieldCheck& check, const Json& spec, const std::string& field) {
  check.require(spec, "headGroupSpec", field);
  check.type(spec, "headGroupSpec", field, "object");
  check.type(spec, "rayVersion", field, "string");
  check.type(spec, "suspend", field, "boolean");
  check.type(spec, "enableInTreeAutoscaling", field, "boolean");
  check.type(spec, "workerGroupSpecs", field, "array");
  if (const Json* head = look(spec, {"headGroupSpec"}); head != nullptr && head->is_object()) {
    check_group(check, *head, field + ".headGroupSpec");
  }
  int index = 0;
  for (const Json& group : list_at(spec, {"workerGroupSpecs"})) {
    const std::string at = field + ".workerGroupSpecs[" + std::to_string(index++) + "]";
    if (!group.is_object()) continue;
    check.require(group, "groupName", at);
    check.type(group, "groupName", at, "string");
    for (const char* key : {"replicas", "minReplicas", "maxReplicas", "numOfHosts"}) {
      check.type(group, key, at, "integer");
    }
    check_group(check, group, at);
  }
}

void check_ray_service(FieldCheck& check, const Json& spec) {
  check.require(spec, "rayClusterConfig", "spec");
  check.type(spec, "rayClusterConfig", "spec", "object");
  check.type(spec, "serveConfigV2", "spec", "string");
  check.type(spec, "suspend", "spec", "boolean");
  check.type(spec, "excludeHeadPodFromServeSvc", "spec", "boolean");
  for (const char* key : {"serviceUnhealthySecondThreshold", "deploymentUnhealthySecondThreshold",
                          "rayClusterDeletionDelaySeconds"}) {
    check.type(spec, key, "spec", "integer");
  }
  check.at_least_zero(spec, "rayClusterDeletionDelaySeconds", "spec");
  if (const Json* cluster = look(spec, {"rayClusterConfig"});
      cluster != nullptr && cluster->is_object()) {
    check_ray_cluster(check, *cluster, "spec.rayClusterConfig");
  }
}

void check_pod(FieldCheck& check, const Json& spec) {
  if (list_at(spec, {"containers"}).empty()) {
    check.refuse("spec.containers", "FieldValueRequired", "Required value");
  }
  for (const char* list : {"containers", "initContainers"}) {
    int index = 0;
    for (const Json& container : list_at(spec, {list})) {
      const std::string at = "spec." + std::string(list) + "[" + std::to_string(index++) + "]";
      if (text_at(container, {"name"}).empty()) {
        check.refuse(at + ".name", "FieldValueRequired", "Required value");
      } else if (!is_dns_label(text_at(container, {"name"}))) {
        check.refuse(at + ".name", "FieldValueInvalid",
                     invalid_value(text_at(container, {"name"}), kLabelRule));
      }
      if (text_at(container, {"image"}).empty()) {
        check.refuse(at + ".image", "FieldValueRequired", "Required value");
      }
    }
  }
}

void check_service(FieldCheck& check, const Json& spec) {
  const Json& ports = list_at(spec, {"ports"});
  if (ports.empty() && text_at(spec, {"clusterIP"}) != "None") {
    check.refuse("spec.ports", "FieldValueRequired", "Required value");
  }
  for (std::size_t i = 0; i < ports.size(); ++i) {
    const std::string at = "spec.ports[" + std::to_string(i) + "]";
    if (ports.size() > 1 && text_at(ports[i], {"name"}).empty()) {
      check.refuse(at + ".name", "FieldValueRequired", "Required value");
    }
    const std::int64_t port = number_at(ports[i], {"port"}, 0);
    if (port < 1 || port > 65535) {
      check.refuse(
          at + ".port", "FieldValueInvalid",
          "Invalid value: " + std::to_string(port) + ": must be between 1 and 65535, inclusive");
    }
    for (std::size_t j = 0; j < i; ++j) {
      if (!ports[i].value("name", "").empty() &&
          ports[i].value("name", "") == ports[j].value("name", "")) {
        check.refuse(at + ".name", "FieldValueDuplicate",
                     "Duplicate value: \"" + ports[i].value("name", "") + "\"");
      }
    }
  }
}

// A pod's spec without what an update may change.
Json fixed_pod_spec(const Json& pod) {
  Json spec = object_at(pod, {"spec"});
  for (const char* key : {"activeDeadlineSeconds", "tolerations", "terminationGracePeriodSeconds",
                          "nodeName", "schedulingGates"}) {
    spec.erase(key);
  }
  for (const char* list : {"containers", "initContainers"}) {
    if (!spec.contains(list)) continue;
    for (Json& container : spec[list]) container.erase("image");
  }
  return spec;
}

}  // namespace

bool is_dns_label(std::string_view name) {
  if (name.empty() || name.size() > kLabelMax) return false;
  if (!lower_or_digit(name.front()) || !lower_or_digit(name.back())) return false;
  return std::all_of(name.begin(), name.end(),
                     [](char c) { return lower_or_digit(c) || c == '-'; });
}

bool is_dns_subdomain(std::string_view name) {
  if (name.empty() || name.size() > kSubdomainMax) return false;
  while (true) {
    const auto dot = name.find('.');
    const std::string_view part = name.substr(0, dot);
    if (part.empty() || !lower_or_digit(part.front()) || !lower_or_digit(part.back())) return false;
    if (!std::all_of(part.begin(), part.end(),
                     [](char c) { return lower_or_digit(c) || c == '-'; })) {
      return false;
    }
    if (dot == std::string_view::npos) return true;
    name.remove_prefix(dot + 1);
  }
}

std::optional<ApiFailure> validate_object(const ApiKind& kind, const Json& object) {
  const std::string name = text_at(object, {"metadata", "name"});
  if (auto verdict = validate_name(kind, name)) return verdict;
  if (auto verdict = validate_labels(kind, name, object_at(object, {"metadata", "labels"}),
                                     "metadata.labels")) {
    return verdict;
  }
  FieldCheck check(kind, object);
  const Json& spec = object_at(object, {"spec"});
  if (kind.id == ApiKindId::RayService) {
    check_ray_service(check, spec);
  } else if (kind.id == ApiKindId::RayCluster) {
    check_ray_cluster(check, spec, "spec");
  } else if (kind.id == ApiKindId::Pod) {
    check_pod(check, spec);
  } else if (kind.id == ApiKindId::Service) {
    check_service(check, spec);
    if (auto verdict =
            validate_labels(kind, name, object_at(spec, {"selector"}), "spec.selector")) {
      return verdict;
    }
  }
  return check.verdict();
}

std::optional<ApiFailure> validate_change(const ApiKind& kind, const Json& before,
                                          const Json& after) {
  const std::string name = text_at(before, {"metadata", "name"});
  if (look(before, {"metadata", "deletionTimestamp"}) != nullptr) {
    const Json& old = list_at(before, {"metadata", "finalizers"});
    for (const Json& finalizer : list_at(after, {"metadata", "finalizers"})) {
      if (std::find(old.begin(), old.end(), finalizer) == old.end()) {
        return invalid_field(kind, name, "metadata.finalizers", "FieldValueForbidden",
                             "Forbidden: no new finalizers can be added if the object is being "
                             "deleted, found new finalizers []string{" +
                                 finalizer.dump() + "}");
      }
    }
  }
  if (kind.id == ApiKindId::Pod && fixed_pod_spec(before) != fixed_pod_spec(after)) {
    return invalid_field(
        kind, name, "spec", "FieldValueForbidden",
        "Forbidden: pod updates may not change fields other than `spec.containers[*].image`,"
        "`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only "
        "additions to existing tolerations),`spec.terminationGracePeriodSeconds`");
  }
  const std::string ip = text_at(before, {"spec", "clusterIP"});
  if (kind.id == ApiKindId::Service && !ip.empty() && ip != text_at(after, {"spec", "clusterIP"}) &&
      text_at(after, {"spec", "type"}) != "ExternalName") {
    return invalid_field(
        kind, name, "spec.clusterIPs[0]", "FieldValueInvalid",
        invalid_value(text_at(after, {"spec", "clusterIP"}), "may not change once set"));
  }
  return std::nullopt;
}

}  // namespace raycord
