// How Serve writes down the config of an application: what it shows as deployed_app_config.
//
// Not always as it was sent: keys that its schema lacks are dropped, texts become the numbers they
// spell, levels of logging their names, and the logging of the whole config becomes that of each
// application. Recorded from Ray 2.52.1; other versions know other keys.

#pragma once

#include "sandbox/json.h"

namespace raycord {

// `config` is what `app` was listed in.
Json kept_by_ray(Json app, const Json& config);

}  // namespace raycord
