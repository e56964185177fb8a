#include "operator/absence.h"

#include "operator/cluster_lookup.h"

namespace raycord {
namespace {

bool another_led(const LeaseRecord& lease, const LogId& id, std::uint64_t epoch) {
  const auto witness = read_witness(lease.annotations);
  if (!witness) return lease.transitions != epoch;
  if (witness->log_id != id.hex()) return true;
  // Our own marks. A run that died as it took the Lease may not have logged its epoch.
  return epoch != 0 && lease.transitions != epoch && lease.transitions != epoch + 1;
}

}  // namespace

Absence absence_before(const std::optional<LeaseRecord>& lease, const LogId& id,
                       std::uint64_t epoch) {
  if (!lease || !another_led(*lease, id, epoch)) return {};
  return {GapCause::OtherLeader, from_rfc3339(lease->renewed)};
}

}  // namespace raycord
