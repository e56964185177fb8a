#include "core/build/gpu.h"

namespace raycord {
namespace {

bool drop_digits(std::string_view& text) {
  const std::size_t before = text.size();
  while (!text.empty() && text.back() >= '0' && text.back() <= '9') text.remove_suffix(1);
  return text.size() < before;
}

bool drop_end(std::string_view& text, std::string_view end) {
  if (!text.ends_with(end)) return false;
  text.remove_suffix(end.size());
  return true;
}

}  // namespace

bool is_gpu(std::string_view resource) {
  if (resource.ends_with("gpu")) return true;
  return drop_end(resource, "gb") && drop_digits(resource) && drop_end(resource, "g.") &&
         drop_digits(resource) && resource.ends_with("nvidia.com/mig-");
}

}  // namespace raycord
