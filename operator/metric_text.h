// MetricText writes Prometheus' text format.
//
//   MetricText text;
//   text.family("raycord_facts_total", MetricType::Counter, "Facts folded, by kind.");
//   text.sample({{"kind", "ObjectSeen"}}, 12);

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace raycord {

enum class MetricType : std::uint8_t { Counter, Gauge, Histogram };

class MetricText {
 public:
  using Labels = std::vector<std::pair<std::string, std::string>>;

  // All samples of a family follow it directly.
  void family(std::string_view name, MetricType type, std::string_view help);
  void sample(const Labels& labels, double value) { sample("", labels, value); }
  // Of a histogram: suffix "_bucket", "_sum" or "_count".
  void sample(std::string_view suffix, const Labels& labels, double value);

  std::string take() { return std::exchange(text_, {}); }

 private:
  std::string name_;
  std::string text_;
};

}  // namespace raycord
