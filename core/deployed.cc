#include "core/deployed.h"

#include <algorithm>
#include <cstddef>
#include <string>

namespace raycord {
namespace {

bool counts(const AppAnswer& app) { return app.status != "DELETING"; }

// Every wanted application, and no other one except such as are being deleted. A wanted one that is
// being deleted is to be deployed again.
template <class Same>
bool shows_all(const ServeConfig& wanted, const ServeAnswer& answer, Same same) {
  std::size_t found = 0;
  for (const AppAnswer& app : answer.apps) {
    if (!counts(app)) continue;
    const auto asked = wanted.apps.find(app.name);
    if (asked == wanted.apps.end() || !same(app.config, asked->second)) return false;
    ++found;
  }
  return found == wanted.apps.size();
}

bool shows_exactly(const ServeConfig& wanted, const ServeAnswer& answer) {
  return shows_all(wanted, answer, [](Hash shown, Hash asked) { return shown == asked; });
}

bool shows_in_its_way(const ServeConfig& wanted, const ServeAnswer& answer) {
  return shows_all(wanted, answer, [](Hash shown, Hash) { return static_cast<bool>(shown); });
}

bool has_accepted(const ConfigRecord& config, Hash wanted, const Dashboard& dashboard) {
  return config.asked == wanted && config.accepted == wanted &&
         config.accepted_by >= config.asked_by && config.head_uid == dashboard.head_uid &&
         config.head_restarts == dashboard.head_restarts;
}

}  // namespace

Hash shown_in(const ServeAnswer& answer) {
  std::string text;
  for (const AppAnswer& app : answer.apps) {
    if (counts(app)) text += app.name + '\0' + to_hex(app.config);
  }
  return hash_of(text);
}

bool is_deployed(const ServeConfig& wanted, const Cluster& cluster) {
  const ServeAnswer& answer = cluster.dashboard.serve.value;
  if (shows_exactly(wanted, answer)) return true;
  const ConfigRecord& config = cluster.config;
  return config.shown_for == wanted.hash && config.shown == shown_in(answer);
}

void learn_shown(const ServeConfig& wanted, Cluster& cluster) {
  ConfigRecord& config = cluster.config;
  const ServeAnswer& answer = cluster.dashboard.serve.value;
  if (!wanted.error.empty() || config.shown_for == wanted.hash) return;
  const Hash shown = shown_in(answer);
  const bool took_it = has_accepted(config, wanted.hash, cluster.dashboard) &&
                       shows_in_its_way(wanted, answer) &&
                       (config.stuck || (config.shown_before && shown != config.shown_before));
  if (!took_it && !shows_exactly(wanted, answer)) return;
  // The same applications as with another config: whether it knows what stands beside them is not
  // to be seen.
  if (config.shown_for && config.shown == shown && config.accepted != wanted.hash) return;
  config.shown_for = wanted.hash;
  config.shown = shown;
}

}  // namespace raycord
