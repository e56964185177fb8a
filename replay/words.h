// Short names of kinds, enums and times as tables, trees and JSON show them.

#pragma once

#include <string>

#include "core/decision.h"
#include "core/fact.h"

namespace raycord {

const char* kind_of(const Fact& fact);      // "ObjectSeen"
const char* kind_of(const Effect& effect);  // "CreateCluster"

const char* word_for(GapCause cause);
const char* word_for(GoneHow how);
const char* word_for(ProbeTarget target);
const char* word_for(UpgradeType type);
const char* word_for(FailoverMode mode);
const char* word_for(Purpose purpose);
const char* word_for(PodPhase phase);
const char* word_for(NodeType type);
const char* word_for(RestartPolicy policy);
const char* word_for(ServiceRole role);

std::string brief(Hash hash);  // The first eight digits, or "none".

std::string date_text(Time time);        // "2026-11-23"
std::string clock_text(Time time);       // "18:05:33"
std::string age_text(Millis age);        // kubectl's: "45s", "12m", "3h20m", "5d"
std::string duration_text(Millis time);  // "230ms", "2.5s", "1m30s", "3h5m", "2d4h"

}  // namespace raycord
