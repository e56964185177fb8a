// The Serve configs of the steps, as a user would write them into spec.serveConfigV2.

#pragma once

#include <string>

namespace raycord {

std::string guide_config(int mango_price);
std::string rich_config();            // Whatever Ray shows as it was sent.
std::string rewritten_config();       // Whatever it does not.
std::string missing_module_config();  // Ends DEPLOY_FAILED …
std::string bad_route_config();       // … and so does this.
std::string patient_config();

}  // namespace raycord
