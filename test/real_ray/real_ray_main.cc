// Plays the same steps on a real Ray head and on the sandbox's, and compares what the adapters make
// of the answers. Started by scripts/real_ray.sh.
//
//   raycord-real-ray 127.0.0.1 ILL-FILE KILL-COMMAND
//
// Prints a table of the steps. Ends with 1 when the two differ where it is not known that they do.

#include <algorithm>
#include <iostream>
#include <string>
#include <vector>

#include "test/real_ray/real_head.h"
#include "test/real_ray/simulated_head.h"
#include "test/real_ray/steps.h"

namespace raycord {
namespace {

struct KnownDifference {
  const char* step;
  const char* what;
  const char* why;
};

constexpr KnownDifference kKnown[] = {
    {"the patient is well again", "in the end",
     "real Ray gives UNSPECIFIED as the trigger of a deployment that recovered by itself; no rule "
     "reads triggers"},
};

std::vector<std::string> split(const std::string& text, const std::string& at) {
  std::vector<std::string> parts;
  for (std::size_t from = 0; from <= text.size();) {
    const std::size_t end = std::min(text.find(at, from), text.size());
    parts.push_back(text.substr(from, end - from));
    from = end + at.size();
  }
  return parts;
}

bool is_part_of(const std::vector<std::string>& few, const std::vector<std::string>& many) {
  auto next = few.begin();
  for (const std::string& one : many) {
    if (next != few.end() && *next == one) ++next;
  }
  return next == few.end();
}

// Statuses in their order: a look may come too late for one of them, on either side.
bool is_same_way(const std::string& left, const std::string& right) {
  const auto lefts = split(left, "; ");
  const auto rights = split(right, "; ");
  if (lefts.size() != rights.size()) return false;
  for (std::size_t i = 0; i < lefts.size(); ++i) {
    const auto a = split(lefts[i], " ");
    const auto b = split(rights[i], " ");
    if (a.back() != b.back() || (!is_part_of(a, b) && !is_part_of(b, a))) return false;
  }
  return true;
}

const char* why_known(const std::string& step, const std::string& what) {
  for (const KnownDifference& known : kKnown) {
    if (step == known.step && what == known.what) return known.why;
  }
  return nullptr;
}

std::string cell(std::string text) {
  if (text.empty()) return "–";
  for (std::size_t at = 0; (at = text.find('|', at)) != std::string::npos; at += 2) {
    text.insert(at, "\\");
  }
  std::replace(text.begin(), text.end(), '\n', ' ');
  return "`" + text + "`";
}

// How many observations differ and should not.
int compare(const std::vector<StepResult>& real, const std::vector<StepResult>& simulated) {
  int bad = 0;
  std::cout << "| step | what | real Ray | sandbox |\n| --- | --- | --- | --- |\n";
  for (std::size_t i = 0; i < real.size(); ++i) {
    std::string step = real[i].step;
    for (std::size_t j = 0; j < real[i].observed.size(); ++j) {
      const auto& [what, of_real] = real[i].observed[j];
      const std::string& of_sandbox = simulated[i].observed[j].second;
      const bool same =
          of_real == of_sandbox || (what == "apps" && is_same_way(of_real, of_sandbox));
      const char* known = same ? nullptr : why_known(real[i].step, what);
      if (!same && known == nullptr) ++bad;
      std::cout << "| " << step << " | " << what << " | " << cell(of_real) << " | "
                << (same ? "the same"
                         : cell(of_sandbox) +
                               (known ? std::string(": ") + known : std::string(" **DIFFERS**")))
                << " |\n";
      step.clear();
    }
  }
  return bad;
}

void tell(const char* head, const std::vector<StepResult>& results) {
  std::cout << "\nSlices of " << head << ":\n\n";
  for (const StepResult& result : results) {
    std::cout << "- " << result.step << "\n";
    for (const std::string& slice : result.slices) std::cout << "  - " << cell(slice) << "\n";
  }
}

int run(int argc, char** argv) {
  if (argc < 4) {
    std::cerr << "usage: raycord-real-ray IP ILL-FILE KILL-COMMAND\n";
    return 2;
  }
  RealHead real_head(argv[1], argv[2], argv[3]);
  const std::vector<StepResult> real = play(real_head);
  SimulatedHead simulated_head;
  const std::vector<StepResult> simulated = play(simulated_head);
  if (!real.back().ended || real.size() != simulated.size()) {
    std::cerr << "real Ray did not come to the end of the step: " << real.back().step << "\n";
    return 1;
  }
  const int bad = compare(real, simulated);
  tell("real Ray", real);
  tell("the sandbox", simulated);
  std::cout << "\n" << bad << " differences that are not known\n";
  return bad == 0 ? 0 : 1;
}

}  // namespace
}  // namespace raycord

int main(int argc, char** argv) { return raycord::run(argc, argv); }
