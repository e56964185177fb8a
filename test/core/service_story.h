// The usual course of a RayService "svc" as steps of a history, for tests of its rules.
//
//   History history;
//   const std::string active = serve(history);       // Runs, carries traffic, status written.
//   const std::string pending = upgrade(history, "spec 2");
//   become_ready(history, pending);                  // Pods, labels, apps running as asked.

#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/roles.h"
#include "test/core/history.h"

namespace raycord {

inline constexpr const char* kSvc = "svc";

Roles roles_in(const History& history);
std::string active_of(const History& history);   // Empty: none.
std::string pending_of(const History& history);  // Empty: none.
std::vector<std::string> leaving_of(const History& history);
const RayServiceSlice& svc_of(const History& history);

// Sees the service and settles; the name of its first cluster.
std::string begin(History& history, const RayServiceSlice& service = service_slice(kSvc));

// Pods run, proxies answer, the head is labelled.
void start_cluster(History& history, const std::string& cluster);

// As start_cluster; then its apps run as asked, and are heard of, but no turn was made since.
void become_ready(History& history, const std::string& cluster);

// From nothing to a service whose active cluster carries traffic; its name.
std::string serve(History& history, const RayServiceSlice& service = service_slice(kSvc));

// Edits the cluster spec and settles; the name of the pending cluster, if there is one.
std::string upgrade(History& history, const std::string& spec);

// From an upgrade to the new cluster carrying traffic, the old one draining; the new one's name.
std::string upgrade_and_switch(History& history, const std::string& spec);

// `hear` is told every 10 s (8 s of answers), then everything decided is carried out.
std::vector<Decision> live(History& history, Millis length, const std::function<void()>& hear);

// The cluster's dashboard is silent, or its apps have `status`, for this long.
std::vector<Decision> live_silent(History& history, const std::string& cluster, Millis length);
std::vector<Decision> live_with(History& history, const std::string& cluster,
                                const std::string& status, Millis length);

// The dashboard of `active` stays silent until a replacement is made; its name, empty: none.
std::string fail_over(History& history, const std::string& active);

// The first creation of a RayCluster; one without a name where there is none.
CreateCluster creation_in(const std::vector<Decision>& decisions);

const Condition* condition_of(const History& history, const char* type);
// "True NonZeroServeEndpoints", or "" where there is no such condition.
std::string condition_text(const History& history, const char* type);

}  // namespace raycord
