#include "adapters/kube/rival_watch.h"

#include "adapters/limits.h"
#include "formats/field_managers.h"

namespace raycord {
namespace {

bool is_person(std::string_view manager) { return manager.rfind("kubectl", 0) == 0; }

}  // namespace

void RivalWatch::see(Time now, bool leading, const Sight& sight, std::string_view raw) {
  const ObjectName& object = sight.object;
  if (object.kind != Kind::RayService && object.kind != Kind::RayCluster) return;
  const auto writers = read_status_writers(raw);
  if (!writers) return;
  Seen& seen = seen_[object];
  const bool after_us = leading && seen.written;
  seen.written = leading && (seen.written || sight.by_us);
  if (sight.version <= seen.version) return;  // The watch may show our write before its answer.
  StatusWriter other;
  for (const StatusWriter& writer : *writers) {
    const bool rival = writer.manager != us_ && !is_person(writer.manager);
    if (rival && writer.at > other.at) other = writer;
  }
  const bool other_wrote = seen.version != 0 && other.at > seen.others;
  seen.version = sight.version;
  seen.others = other.at;
  if (!other_wrote) return;
  if (now < until_) {
    until_ = now + kRivalRest;
    return;
  }
  if (!after_us) return;
  const bool again = now < seen.struck + kRivalWithin;
  seen.struck = now;
  if (!again) return;
  until_ = now + kRivalRest;
  why_ = other.manager + " writes the status of " + to_text(object) +
         " too: another operator is at work. Raycord writes nothing for " +
         to_short_text(kRivalRest) + "; stop one of the two";
}

}  // namespace raycord
