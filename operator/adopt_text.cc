#include "operator/adopt_text.h"

#include <algorithm>
#include <array>
#include <map>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

namespace raycord {
namespace {

constexpr std::size_t kWrapDefault = 100;
constexpr std::size_t kBetween = 2;
constexpr const char* kCut = "…";

bool begins_character(char byte) { return (static_cast<unsigned char>(byte) & 0xc0U) != 0x80U; }

std::string cut_to(const std::string& line, std::size_t width) {
  const auto size =
      static_cast<std::size_t>(std::count_if(line.begin(), line.end(), begins_character));
  if (width == 0 || size <= width) return line;
  std::size_t end = 0;
  for (std::size_t seen = 0; end < line.size(); ++end) {
    if (begins_character(line[end]) && ++seen == width) break;
  }
  return line.substr(0, end) + kCut;
}

std::string wrapped(const std::string& head, const std::string& words, std::size_t width) {
  const std::string indent(head.size(), ' ');
  std::string text = head;
  std::size_t column = head.size();
  for (std::size_t begin = 0; begin < words.size();) {
    const std::size_t end = std::min(words.find(' ', begin), words.size());
    if (column + end - begin + 1 > width && column > indent.size()) {
      text += "\n" + indent;
      column = indent.size();
    } else if (begin != 0) {
      text += ' ';
      ++column;
    }
    text += words.substr(begin, end - begin);
    column += end - begin;
    begin = end + 1;
  }
  return text + "\n";
}

std::string object_text(const ObjectName& object) {
  return std::string(name_of(object.kind)) + "/" + object.name;
}

std::map<Fate, std::size_t> count(const AdoptReport& report) {
  std::map<Fate, std::size_t> counts;
  for (const ObjectLine& line : report.objects) ++counts[line.fate];
  return counts;
}

const char* verdict(const AdoptReport& report) {
  return report.breaks() ? "breaks" : "nothing-restarts";
}

std::string table(const AdoptReport& report, std::size_t width) {
  std::vector<std::array<std::string, 3>> rows = {{"NAMESPACE", "OBJECT", "FATE"}};
  for (const ObjectLine& line : report.objects) {
    rows.push_back({line.object.ns, object_text(line.object),
                    name_of(line.fate) + (line.what.empty() ? "" : ": " + line.what)});
  }
  std::array<std::size_t, 2> widths{};
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < widths.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  std::string text;
  for (const auto& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < widths.size(); ++i) {
      line += row[i] + std::string(widths[i] - row[i].size() + kBetween, ' ');
    }
    text += cut_to(line + row[2], width) + "\n";
  }
  return text;
}

std::string counts_text(const AdoptReport& report) {
  std::string text;
  for (const auto& [fate, number] : count(report)) {
    text += (text.empty() ? "" : ", ") + std::to_string(number) + " " + name_of(fate);
  }
  return std::to_string(report.objects.size()) + " objects" + (text.empty() ? "" : ": " + text) +
         ".";
}

}  // namespace

std::string adopt_text(const AdoptReport& report, std::size_t width) {
  const std::size_t wrap = width == 0 ? kWrapDefault : width;
  std::string text = wrapped("",
                             "What raycord-operator would do in its first turns on " +
                                 report.cluster + ". Nothing was changed.",
                             wrap) +
                     "\n";
  if (!report.objects.empty()) text += table(report, width) + "\n";
  text += counts_text(report) + "\n";
  if (!report.findings.empty()) text += "\nFindings:\n";
  for (const Finding& finding : report.findings) {
    text += wrapped(std::string("  ") + name_of(finding.weight) + ": ", finding.text, wrap);
  }
  text += "\n";
  text += wrapped("",
                  "Dashboards were not asked: a Serve config that a RayCluster lacks is sent to "
                  "it in place.",
                  wrap);
  return text + (report.breaks() ? "Something would restart, end, or stop being looked after.\n"
                                 : "Nothing restarts.\n");
}

std::string adopt_json(const AdoptReport& report) {
  nlohmann::ordered_json root;
  root["verdict"] = verdict(report);
  root["cluster"] = report.cluster;
  root["counts"] = nlohmann::ordered_json::object();
  for (const auto& [fate, number] : count(report)) root["counts"][name_of(fate)] = number;
  root["objects"] = nlohmann::ordered_json::array();
  for (const ObjectLine& line : report.objects) {
    nlohmann::ordered_json object = {{"kind", name_of(line.object.kind)},
                                     {"namespace", line.object.ns},
                                     {"name", line.object.name},
                                     {"fate", name_of(line.fate)}};
    if (!line.what.empty()) object["what"] = line.what;
    object["breaks"] = breaks(line.fate, line.object.kind);
    root["objects"].push_back(std::move(object));
  }
  root["findings"] = nlohmann::ordered_json::array();
  for (const Finding& finding : report.findings) {
    root["findings"].push_back({{"weight", name_of(finding.weight)}, {"text", finding.text}});
  }
  return root.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace raycord
