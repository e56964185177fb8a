// Deletes what lost its last owner, obeys the deletion policies of owners, and empties namespaces
// that go.

#pragma once

#include <map>
#include <set>
#include <string>

#include "sandbox/agenda.h"
#include "sandbox/api_objects.h"
#include "sandbox/api_server.h"

namespace raycord {

class GarbageCollector {
 public:
  GarbageCollector(ApiStore& store, ApiServer& api, Agenda& agenda, Millis delay);

  void look_again();  // After the store changed behind our back.

 private:
  void note(const ApiChange& change);
  void forget_owners(const ApiObject& object);
  void suspect(const std::string& uid);
  void work(Time now);
  void examine(Time now, const ApiObject& object);
  void orphan_dependents(const ApiObject& owner);
  void delete_in_foreground(Time now, const ApiObject& owner);
  void empty_namespace(Time now, const ApiObject& name_space);
  void drop_finalizer(const ApiObject& object, const std::string& finalizer);

  ApiStore& store_;
  ApiServer& api_;
  Agenda& agenda_;
  Millis delay_;
  std::map<std::string, std::set<std::string>> dependents_;  // Owner's uid to theirs.
  std::set<std::string> suspects_;                           // Uids to look at.
  bool work_due_ = false;
};

}  // namespace raycord
