// SampleFleet is many RayServices of the sample in one simulated world: one head and two workers
// each.
//
//   SampleFleet fleet(1000);           // All are Running.
//   fleet.upgrade_every(5);            // A fifth gets a new cluster; the old ones go.
//   copy_log(fleet.sim(), directory);  // What the simulator logged, as a log on disk.

#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "core/result.h"
#include "test/sim/sim.h"

namespace raycord {

class SampleFleet {
 public:
  explicit SampleFleet(std::size_t services);

  // Each nth service gets another Ray version, and with it a new cluster; the old one goes.
  void upgrade_every(std::size_t nth);

  // An application of every service falls ill and is well again, `rounds` times: two changes of
  // each service's status per round. The status of nothing else changes.
  void flip_status(std::size_t rounds);
  // The same time without incident.
  void pass_time_of_flips(std::size_t rounds);

  Sim& sim() { return *sim_; }
  std::size_t size() const { return services_; }

 private:
  std::string manifest(std::size_t service) const;
  void show_app(const char* status);

  std::size_t services_;
  int minor_version_ = 52;  // Of Ray.
  std::unique_ptr<Sim> sim_;
};

// Writes the simulator's log, entry by entry, into a new RocksDB database.
Outcome copy_log(Sim& sim, const std::string& directory);

}  // namespace raycord
