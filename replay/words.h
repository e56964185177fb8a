// Times and hashes in short, as tables, trees and JSON show them.

#pragma once

#include <string>

#include "core/ids.h"
#include "core/time.h"

namespace raycord {

std::string brief(Hash hash);  // The first eight digits, or "none".

std::string date_text(Time time);        // "2026-11-23"
std::string clock_text(Time time);       // "18:05:33"
std::string age_text(Millis age);        // kubectl's: "45s", "12m", "3h20m", "5d"
std::string duration_text(Millis time);  // "230ms", "2.5s", "1m30s", "3h5m", "2d4h"

}  // namespace raycord
