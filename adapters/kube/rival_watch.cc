#include "adapters/kube/rival_watch.h"

#include "adapters/limits.h"
#include "formats/field_managers.h"

namespace raycord {
namespace {

bool is_person(std::string_view manager) { return manager.rfind("kubectl", 0) == 0; }

}  // namespace

void RivalWatch::see(Time now, bool leading, const ObjectName& object, std::uint64_t version,
                     std::string_view raw) {
  if (object.kind != Kind::RayService && object.kind != Kind::RayCluster) return;
  const auto writers = read_status_writers(raw);
  if (!writers) return;
  Seen& seen = seen_[object];
  if (version <= seen.version) return;
  const bool first = seen.version == 0;
  seen.version = version;
  std::string ours;
  StatusWriter other;
  for (const StatusWriter& writer : *writers) {
    if (writer.manager == us_) {
      ours = writer.at;
    } else if (!is_person(writer.manager) && writer.at > other.at) {
      other = writer;
    }
  }
  const bool other_wrote = !first && other.at > seen.others;
  seen.written = leading && (seen.written || (!first && ours != seen.ours));
  seen.ours = ours;
  seen.others = other.at;
  if (!other_wrote) return;
  if (now < until_) {
    until_ = now + kRivalRest;
    return;
  }
  if (!seen.written) return;
  const bool again = now < seen.struck + kRivalWithin;
  seen.struck = now;
  if (!again) return;
  until_ = now + kRivalRest;
  why_ = other.manager + " writes the status of " + to_text(object) +
         " too: another operator is at work. Raycord writes nothing for " +
         to_short_text(kRivalRest) + "; stop one of the two";
}

}  // namespace raycord
