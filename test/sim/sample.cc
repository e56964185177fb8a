#include "test/sim/sample.h"

#include <fstream>
#include <sstream>

#include "core/check.h"
#include "formats/manifest.h"

namespace raycord {

std::string sample_manifest() {
  std::ifstream in(std::string(SOURCE_ROOT) + "/samples/rayservice.yaml");
  std::stringstream text;
  text << in.rdbuf();
  const auto documents = read_manifest(text.str());
  CHECK(static_cast<bool>(documents));
  return documents->front();
}

}  // namespace raycord
