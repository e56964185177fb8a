// Label and field selectors of lists and watches.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "sandbox/api_objects.h"

namespace raycord {

class LabelSelector {
 public:
  // "app=x,tier!=y,env in (a,b),!old": empty text selects everything.
  static Result<LabelSelector> parse(std::string_view text);

  bool matches(const Json& labels) const;
  bool selects_all() const { return terms_.empty(); }

 private:
  enum class Operator { Equals, Differs, In, NotIn, Exists, Absent };
  struct Term {
    std::string key;
    Operator op;
    std::vector<std::string> values;
  };
  static Result<Term> parse_term(std::string_view text);

  std::vector<Term> terms_;
};

class FieldSelector {
 public:
  // "metadata.name=x,involvedObject.uid!=y" as `kind` at `group` understands it.
  static Result<FieldSelector> parse(std::string_view text, const ApiKind& kind);

  bool matches(const ApiObject& object) const;
  bool selects_all() const { return terms_.empty(); }

 private:
  struct Term {
    std::vector<std::string> path;  // In the stored version.
    std::string value;
    bool equal;
  };
  std::vector<Term> terms_;
};

}  // namespace raycord
