// A story is a text file: prose, then commands with the exact output they gave.
//
//   # A price is changed in place.
//   apply
//   run 20s
//   ----
//   +0.004s add-finalizer: …
//
// Lines above "----" are commands, lines below what happened: decisions, outcomes that were no
// success, and answers. Commands:
//
//   apply                         sends the manifest (samples/rayservice.yaml at first)
//   set /spec/… JSON              changes the manifest at a JSON pointer
//   replace OLD => NEW            changes the text of spec.serveConfigV2
//   service NAME                  from here on the manifest's name
//   run 30s                       time passes
//   ask PATH BODY                 POST through the serve Service
//   show                          clusters, status and endpoints of the RayService
//   fault PATH JSON               POST /sandbox/PATH
//   patch COLLECTION/NAME JSON    merge patch by the user
//   create COLLECTION JSON        make an object by the user
//   remove COLLECTION/NAME        delete by the user
//   look PATH POINTER             what the API server shows there
//   crash | crash N               the operator dies and starts again (N unsynced frames survive)
//   down 40s                      the operator is away that long
//   wipe                          the operator dies and starts on an empty log
//   options failover=off …        before the first apply: options of the operator
//
// COLLECTION is a path, or a plural like rayclusters for the one in namespace default.

#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/result.h"
#include "test/sim/promises.h"
#include "test/sim/sim.h"

namespace raycord {

struct StoryStep {
  std::vector<std::string> commands;
  std::string output;  // As written in the file.
};

struct Story {
  std::string prose;  // With its blank lines.
  std::vector<StoryStep> steps;
};

// "30s", "5m", "1h", "500ms".
Millis read_duration(const std::string& text);

Result<Story> read_story(const std::string& text);
std::string write_story(const Story& story);

// Plays stories; each player is one simulated world.
class StoryPlayer {
 public:
  explicit StoryPlayer(std::uint64_t seed = 1);

  // The output of one command; an unknown command answers "error: …".
  std::string play(const std::string& command);

  Sim& sim();
  // Broken promises so far.
  std::vector<std::string> complaints();

 private:
  void begin();
  void tell(const Frame& frame);
  std::string create(const std::string& rest);
  std::string look(const std::string& rest);
  std::string set(const std::string& pointer, const std::string& json);
  std::string replace(const std::string& rest);
  std::string show();
  std::string patch(const std::string& rest);
  std::string set_options(const std::string& rest);

  SimOptions options_;
  std::unique_ptr<Sim> sim_;
  std::unique_ptr<Promises> promises_;
  Time start_{};
  std::string manifest_;  // As JSON.
  std::string told_;      // Output of the command under way.
};

// Plays a story from its beginning and gives it back with what happened as its outputs.
struct Played {
  Story story;
  std::vector<std::string> complaints;  // Broken promises, and differences found by replay.
};
Played play(const Story& story);

}  // namespace raycord
