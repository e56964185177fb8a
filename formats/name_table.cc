#include "formats/name_table.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <utility>

namespace raycord {
namespace {

constexpr std::array kKinds = {
    Kind::RayService,     Kind::RayCluster, Kind::Pod,         Kind::Service, Kind::EndpointSlice,
    Kind::ServiceAccount, Kind::Role,       Kind::RoleBinding, Kind::Job,     Kind::Ingress,
    Kind::Secret,         Kind::Gateway,    Kind::HTTPRoute};
constexpr std::array kTargets = {ProbeTarget::Dashboard, ProbeTarget::Proxy};
constexpr char kPlainText = '=';

// Some hundred names; the last chunk is half empty on average.
constexpr std::size_t kChunkBytes = 16 << 10;

// Kubernetes' names are far shorter; a longer text is of no sort that has parts.
constexpr std::size_t kLongestName = std::numeric_limits<std::uint16_t>::max();

std::string_view word_of(ProbeTarget target) {
  switch (target) {
    case ProbeTarget::Dashboard:
      return "dashboard";
    case ProbeTarget::Proxy:
      return "proxy";
  }
  return "unknown";
}

void append(std::string& out, const ObjectName& object) {
  out.append(name_of(object.kind)).append(" ").append(object.ns).append("/").append(object.name);
}

void append(std::string& out, const ProbeSource& source) {
  out.append(word_of(source.target)).append(" ").append(source.ns).append("/");
  out.append(source.cluster).append(" ").append(std::to_string(source.head_restarts));
  out.append(" ").append(source.head_uid);
}

}  // namespace

std::string to_text(const ProbeSource& source) {
  std::string text;
  append(text, source);
  return text;
}

NameTable::Entry NameTable::classify(std::string_view text) {
  Entry entry{.text = text};
  const std::string_view view = entry.text;
  if (view.starts_with(kPlainText)) {
    entry.sort = Sort::PlainText;
    return entry;
  }
  std::size_t begin = 0;
  if (view.starts_with("rayservice/") || view.starts_with("raycluster/")) {
    entry.sort = Sort::ForPartition;
    const Kind root = view.starts_with("rayservice/") ? Kind::RayService : Kind::RayCluster;
    entry.kind = static_cast<std::uint8_t>(root);
    begin = view.find('/') + 1;
  } else {
    const std::size_t space = view.find(' ');
    const std::string_view word = view.substr(0, space);
    for (const Kind kind : kKinds) {
      if (word != name_of(kind)) continue;
      entry.sort = Sort::ForObject;
      entry.kind = static_cast<std::uint8_t>(kind);
    }
    for (const ProbeTarget target : kTargets) {
      if (word != word_of(target)) continue;
      entry.sort = Sort::ForSource;
      entry.kind = static_cast<std::uint8_t>(target);
    }
    begin = space == std::string_view::npos ? view.size() : space + 1;
  }
  const std::size_t slash = view.find('/', begin);
  if (slash == std::string_view::npos || slash >= kLongestName) {
    entry.sort = Sort::Other;
    return entry;
  }
  entry.ns = static_cast<std::uint16_t>(begin);
  entry.name = static_cast<std::uint16_t>(slash + 1);
  return entry;
}

// A text of its own would cost twice as much as what it says.
std::string_view NameTable::keep(std::string_view text) {
  if (chunks_.empty() || chunks_.back().capacity() - chunks_.back().size() < text.size()) {
    chunks_.emplace_back().reserve(std::max(kChunkBytes, text.size()));
  }
  std::string& chunk = chunks_.back();
  const std::size_t begin = chunk.size();
  chunk += text;
  return std::string_view(chunk).substr(begin);
}

Outcome NameTable::add(std::uint32_t number, std::string_view name) {
  if (number != size() + 1) {
    return fail(ErrorCode::Corrupt, "name number " + std::to_string(number) + " follows number " +
                                        std::to_string(size()) +
                                        ": names of the log are missing or twice there");
  }
  if (const std::uint32_t known = find(name); known != 0) {
    return fail(ErrorCode::Corrupt, "name number " + std::to_string(number) +
                                        " is the same as number " + std::to_string(known));
  }
  if (told_ != size()) {
    return fail(ErrorCode::InvalidInput,
                "names are both given and read from the log: the table has a name of its own "
                "with number " +
                    std::to_string(size()));
  }
  number_of(name);
  told_ = size();
  return Done{};
}

std::uint32_t NameTable::number_of(std::string_view name) {
  if (const std::uint32_t known = find(name); known != 0) return known;
  CHECK(size() < std::numeric_limits<std::uint32_t>::max());
  entries_.push_back(classify(keep(name)));
  numbers_.emplace(entries_.back().text, size());
  return size();
}

std::uint32_t NameTable::number_of(const ObjectName& object) {
  buffer_.clear();
  append(buffer_, object);
  return number_of(buffer_);
}

std::uint32_t NameTable::number_of(const PartitionName& partition) {
  return number_of(to_text(partition));
}

std::uint32_t NameTable::number_of(const ProbeSource& source) {
  buffer_.clear();
  append(buffer_, source);
  return number_of(buffer_);
}

std::uint32_t NameTable::number_of_text(std::string_view text) {
  if (text.empty()) return 0;
  buffer_.assign(1, kPlainText).append(text);
  return number_of(buffer_);
}

std::uint32_t NameTable::find(std::string_view name) const {
  const auto found = numbers_.find(name);
  return found == numbers_.end() ? 0 : found->second;
}

std::optional<std::string_view> NameTable::text_of(std::uint32_t number) const {
  if (number == 0 || number > size()) return std::nullopt;
  return entries_[number - 1].text;
}

const NameTable::Entry* NameTable::entry(std::uint32_t number, Sort sort) const {
  if (number == 0 || number > size()) return nullptr;
  const Entry& found = entries_[number - 1];
  return found.sort == sort ? &found : nullptr;
}

std::optional<ObjectName> NameTable::object(std::uint32_t number) const {
  const Entry* found = entry(number, Sort::ForObject);
  if (found == nullptr) return std::nullopt;
  return ObjectName{
      Kind{found->kind},
      std::string(found->text.substr(found->ns, std::size_t{found->name} - found->ns - 1)),
      std::string(found->text.substr(found->name))};
}

std::optional<PartitionName> NameTable::partition(std::uint32_t number) const {
  PartitionName partition;
  if (!read(number, partition)) return std::nullopt;
  return partition;
}

bool NameTable::read(std::uint32_t number, PartitionName& partition) const {
  const Entry* found = entry(number, Sort::ForPartition);
  if (found == nullptr) return false;
  partition.root = Kind{found->kind};
  partition.ns.assign(found->text, found->ns, std::size_t{found->name} - found->ns - 1);
  partition.name.assign(found->text, found->name);
  return true;
}

std::optional<ProbeSource> NameTable::probe_source(std::uint32_t number) const {
  ProbeSource source;
  if (!read(number, source)) return std::nullopt;
  return source;
}

bool NameTable::read(std::uint32_t number, ProbeSource& source) const {
  const Entry* found = entry(number, Sort::ForSource);
  if (found == nullptr) return false;
  const std::string_view rest = found->text.substr(found->name);
  const std::size_t space = rest.find(' ');
  if (space == std::string_view::npos) return false;
  const char* end = rest.data() + rest.size();
  const auto number_end = std::from_chars(rest.data() + space + 1, end, source.head_restarts);
  if (number_end.ec != std::errc{} || number_end.ptr == end || *number_end.ptr != ' ') return false;
  source.target = ProbeTarget{found->kind};
  source.ns.assign(found->text, found->ns, std::size_t{found->name} - found->ns - 1);
  source.cluster.assign(rest.substr(0, space));
  source.head_uid.assign(number_end.ptr + 1, end);
  return true;
}

std::optional<std::string_view> NameTable::plain_text(std::uint32_t number) const {
  const Entry* found = entry(number, Sort::PlainText);
  if (found == nullptr) return std::nullopt;
  return found->text.substr(1);
}

std::vector<NumberedName> NameTable::take_new() {
  std::vector<NumberedName> names;
  for (std::uint32_t number = told_ + 1; number <= size(); ++number) {
    names.push_back({number, std::string(entries_[number - 1].text)});
  }
  told_ = size();
  return names;
}

}  // namespace raycord
