// `raycord-operator adopt --dry-run`: what would happen to each object if the operator took over
// this cluster now. It reads, and cannot write.
//
//   if (is_adopt(arguments)) return adopt(arguments, environment, std::cout, std::cerr);

#pragma once

#include <functional>
#include <ostream>
#include <string>
#include <vector>

#include "adapters/http/transport.h"
#include "adapters/kube/kube_api.h"
#include "core/result.h"
#include "operator/adopt_report.h"
#include "operator/flags.h"

namespace raycord {

struct AdoptFlags {
  Flags flags;  // As the operator would be started.
  bool json = false;
  std::string print;  // Not empty: print it and end.
};

// The program's arguments ask for this command.
bool is_adopt(const std::vector<std::string>& arguments);

// `arguments` begin with "adopt".
Result<AdoptFlags> parse_adopt_flags(const std::vector<std::string>& arguments,
                                     const Environment& environment);

// Runs the command. 0: nothing restarts; 3: something does, or stands in the way; 1: the cluster
// cannot be read; 2: wrong flags.
int adopt(const std::vector<std::string>& arguments, const Environment& environment,
          std::ostream& out, std::ostream& errors);

// Reads what there is through `transport`, which `poll` drives, and reports.
struct AdoptMeans {
  const KubeApi& api;
  HttpTransport& transport;
  std::function<void(Time until)> poll;
  std::function<Time()> now;
};
Result<AdoptReport> look_and_report(const Flags& flags, const AdoptMeans& means);

}  // namespace raycord
