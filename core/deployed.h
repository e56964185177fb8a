// Whether a head runs the Serve config asked for, going by what it shows as deployed.
//
// A head need not write down a config as it was sent: Ray drops keys that it does not know, makes
// numbers of texts, and copies the logging options of the whole config into each application. So
// the first thing that a head shows after it took a config is learned as its way to write that one.

#pragma once

#include "core/state.h"

namespace raycord {

// The names and configs of all applications but those being deleted, as one number.
Hash shown_in(const ServeAnswer& answer);

// The newest answer shows every wanted application with its config, and no other one except such as
// are being deleted.
bool is_deployed(const ServeConfig& wanted, const Cluster& cluster);

// To be called when the head has answered, or has accepted a config: notes how it writes it down.
// That it took it is believed when what it shows has changed since it was asked, or when a second
// PUT has changed as little as the first. What was learned stays until another head is asked.
void learn_shown(const ServeConfig& wanted, Cluster& cluster);

}  // namespace raycord
