// One line of text per report, for expectations in tests of the adapters.

#pragma once

#include <string>
#include <vector>

#include "core/observation.h"
#include "core/overloaded.h"

namespace raycord {

using Texts = std::vector<std::string>;

inline const char* word_of(ProbeTrouble trouble) {
  return trouble == ProbeTrouble::None ? "well" : name_of(trouble);
}

inline std::string fact_text(const Fact& fact) {
  const auto number = [](std::uint64_t value) { return std::to_string(value); };
  return std::visit(
      Overloaded{
          [](const Started&) -> std::string { return "started"; },
          [](const Gap&) -> std::string { return "gap"; },
          [&](const LeadershipGained& it) { return "leads in epoch " + number(it.epoch); },
          [](const LeadershipLost& it) { return "leads no more: " + it.why; },
          [&](const ObjectSeen& it) {
            return "seen " + to_text(name_of(it.object)) + " " + number(meta_of(it.object).version);
          },
          [&](const ObjectGone& it) {
            return "gone " + to_text(it.name) + " " + number(it.version) + " " + name_of(it.how);
          },
          [&](const KindListed& it) {
            return std::string("listed ") + name_of(it.kind) + " " + number(it.version) +
                   " asked " + number(it.asked.value);
          },
          [&](const KindCaughtUp& it) {
            return std::string("caught up ") + name_of(it.kind) + " " + number(it.version) +
                   " asked " + number(it.asked.value);
          },
          [](const LeftScope& it) {
            return std::string("left scope ") + name_of(it.kind) + ": " + it.why;
          },
          [](const WorldRestored& it) { return std::string("restored ") + name_of(it.kind); },
          [&](const ProbeRun& it) {
            return std::string(name_of(it.target)) + " " + it.cluster + " " +
                   (it.continued ? "same" : word_of(it.answer.trouble)) + " x" + number(it.count);
          },
          [](const DeadlineFired&) -> std::string { return "deadline"; },
          [&](const WriteDone& it) {
            std::string text = "write " + number(it.decided.value) + " " + name_of(it.result);
            if (it.version != 0) text += " at " + number(it.version);
            if (!it.message.empty()) text += ": " + it.message;
            return text;
          },
          [](const Unreadable& it) { return "unreadable " + it.where; },
          [](const Quarantined&) -> std::string { return "quarantined"; },
          [](const FleetHoldChanged&) -> std::string { return "fleet hold"; },
      },
      fact);
}

inline Texts fact_texts(const std::vector<Report>& reports) {
  Texts texts;
  for (const Report& report : reports) texts.push_back(fact_text(report.fact));
  return texts;
}

inline std::string observation_text(const Observation& observation) {
  return std::visit(Overloaded{
                        [](const Report& it) { return fact_text(it.fact); },
                        [](const CompleteList& it) {
                          std::string text = std::string("complete ") + name_of(it.kind) + ":";
                          for (const ObjectName& name : it.present) text += " " + name.name;
                          return text;
                        },
                        [](const NotOurs& it) {
                          return "not ours " + to_text(it.gone.name) + " " +
                                 std::to_string(it.gone.version);
                        },
                    },
                    observation);
}

inline Texts observation_texts(const std::vector<Observation>& observations) {
  Texts texts;
  for (const Observation& one : observations) texts.push_back(observation_text(one));
  return texts;
}

// What is a fact already.
inline Texts fact_texts(const std::vector<Observation>& observations) {
  Texts texts;
  for (const Observation& one : observations) {
    if (const auto* report = std::get_if<Report>(&one)) texts.push_back(fact_text(report->fact));
  }
  return texts;
}

}  // namespace raycord
