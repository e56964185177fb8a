#include "test/sim/sample.h"

#include <fstream>
#include <sstream>

#include "core/check.h"
#include "formats/manifest.h"

namespace raycord {

namespace {

std::string first_of(const char* name) {
  std::ifstream in(std::string(SOURCE_ROOT) + "/samples/" + name);
  std::stringstream text;
  text << in.rdbuf();
  const auto documents = read_manifest(text.str());
  CHECK(static_cast<bool>(documents));
  return documents->front();
}

}  // namespace

std::string sample_manifest() { return first_of("rayservice.yaml"); }
std::string sample_cluster() { return first_of("raycluster.yaml"); }

}  // namespace raycord
