#include "sandbox/api_selectors.h"

#include <algorithm>
#include <array>
#include <utility>

namespace raycord {
namespace {

std::string_view trim(std::string_view text) {
  const auto first = text.find_first_not_of(' ');
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(' ') - first + 1);
}

// Splits at `separator` outside parentheses.
std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  std::size_t start = 0;
  int depth = 0;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    if (i == text.size() || (text[i] == separator && depth == 0)) {
      parts.push_back(trim(text.substr(start, i - start)));
      start = i + 1;
    } else if (text[i] == '(') {
      ++depth;
    } else if (text[i] == ')') {
      --depth;
    }
  }
  return parts;
}

bool is_label_key(std::string_view key) {
  return !key.empty() && key.find_first_of(" ()=!,") == std::string_view::npos;
}

Failure unreadable(std::string_view term) {
  return fail(ErrorCode::InvalidInput,
              "unable to parse requirement: \"" + std::string(term) + "\" is no selector term");
}

// Fields that can be selected beyond metadata.name and metadata.namespace.
constexpr std::array<std::string_view, 4> kPodFields = {"spec.nodeName", "status.phase",
                                                        "status.podIP", "spec.restartPolicy"};
constexpr std::array<std::string_view, 9> kEventFields = {"involvedObject.kind",
                                                          "involvedObject.namespace",
                                                          "involvedObject.name",
                                                          "involvedObject.uid",
                                                          "involvedObject.apiVersion",
                                                          "involvedObject.resourceVersion",
                                                          "involvedObject.fieldPath",
                                                          "reason",
                                                          "type"};

bool can_select(const ApiKind& kind, std::string_view field) {
  if (field == "metadata.name" || field == "metadata.namespace") return true;
  const auto among = [field](const auto& fields) {
    return std::find(fields.begin(), fields.end(), field) != fields.end();
  };
  if (kind.id == ApiKindId::Pod) return among(kPodFields);
  if (kind.id == ApiKindId::Event) return among(kEventFields) || field == "reportingComponent";
  if (kind.id == ApiKindId::Secret) return field == "type";
  if (kind.id == ApiKindId::Namespace) return field == "status.phase";
  return false;
}

}  // namespace

Result<LabelSelector::Term> LabelSelector::parse_term(std::string_view text) {
  const auto make = [](std::string_view key, Operator op, std::vector<std::string> values) {
    return Term{std::string(key), op, std::move(values)};
  };
  if (const auto open = text.find('('); open != std::string_view::npos && text.back() == ')') {
    std::string_view head = trim(text.substr(0, open));
    Operator op = Operator::In;
    if (head.ends_with(" notin")) {
      op = Operator::NotIn;
      head.remove_suffix(6);
    } else if (head.ends_with(" in")) {
      head.remove_suffix(3);
    } else {
      return unreadable(text);
    }
    std::vector<std::string> values;
    for (const auto value : split(text.substr(open + 1, text.size() - open - 2), ',')) {
      values.emplace_back(value);
    }
    if (!is_label_key(trim(head))) return unreadable(text);
    return make(trim(head), op, std::move(values));
  }
  if (text.starts_with("!") && is_label_key(trim(text.substr(1)))) {
    return make(trim(text.substr(1)), Operator::Absent, {});
  }
  const auto equals = text.find('=');
  if (equals == std::string_view::npos) {
    if (!is_label_key(text)) return unreadable(text);
    return make(text, Operator::Exists, {});
  }
  const bool differs = equals > 0 && text[equals - 1] == '!';
  const auto key = trim(text.substr(0, differs ? equals - 1 : equals));
  auto value = text.substr(equals + 1);
  if (value.starts_with("=")) value.remove_prefix(1);
  if (!is_label_key(key)) return unreadable(text);
  return make(key, differs ? Operator::Differs : Operator::Equals, {std::string(trim(value))});
}

Result<LabelSelector> LabelSelector::parse(std::string_view text) {
  LabelSelector selector;
  if (trim(text).empty()) return selector;
  for (const auto part : split(text, ',')) {
    auto term = parse_term(part);
    if (!term) return fail(term.error());
    selector.terms_.push_back(std::move(*term));
  }
  return selector;
}

bool LabelSelector::matches(const Json& labels) const {
  return std::all_of(terms_.begin(), terms_.end(), [&labels](const Term& term) {
    const Json* found = look(labels, {term.key.c_str()});
    const bool there = found != nullptr && found->is_string();
    const bool listed =
        there && std::find(term.values.begin(), term.values.end(),
                           found->get_ref<const std::string&>()) != term.values.end();
    switch (term.op) {
      case Operator::Equals:
      case Operator::In:
        return listed;
      case Operator::Differs:
      case Operator::NotIn:
        return !listed;
      case Operator::Exists:
        return there;
      case Operator::Absent:
        return !there;
    }
    return false;
  });
}

Result<FieldSelector> FieldSelector::parse(std::string_view text, const ApiKind& kind) {
  FieldSelector selector;
  if (trim(text).empty()) return selector;
  for (const auto part : split(text, ',')) {
    const auto equals = part.find('=');
    if (equals == std::string_view::npos) {
      return fail(ErrorCode::InvalidInput, "invalid field selector: \"" + std::string(part) +
                                               "\" lacks an operator ('=', '==' or '!=')");
    }
    const bool differs = equals > 0 && part[equals - 1] == '!';
    std::string field(trim(part.substr(0, differs ? equals - 1 : equals)));
    auto value = part.substr(equals + 1);
    if (value.starts_with("=")) value.remove_prefix(1);
    if (kind.id == ApiKindId::Event && field.starts_with("regarding.")) {
      field = "involvedObject." + field.substr(10);
    }
    if (kind.id == ApiKindId::Event && field == "reportingController") {
      field = "reportingComponent";
    }
    if (!can_select(kind, field)) {
      return fail(ErrorCode::InvalidInput, "field label not supported: " + field);
    }
    Term term{{}, std::string(value), !differs};
    for (const auto step : split(field, '.')) term.path.emplace_back(step);
    selector.terms_.push_back(std::move(term));
  }
  return selector;
}

bool FieldSelector::matches(const ApiObject& object) const {
  return std::all_of(terms_.begin(), terms_.end(), [&object](const Term& term) {
    const Json* at = &object.body;
    for (const std::string& step : term.path) {
      at = look(*at, {step.c_str()});
      if (at == nullptr) break;
    }
    const bool equal = at != nullptr && at->is_string()
                           ? at->get_ref<const std::string&>() == term.value
                           : term.value.empty();
    return equal == term.equal;
  });
}

}  // namespace raycord
