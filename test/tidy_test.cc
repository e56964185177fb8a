// Checks what the compiler and clang-format do not: which folder may include what, words that may
// not appear in the core, lengths of files and functions, and one title per document.

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace {

namespace fs = std::filesystem;

constexpr int kFileLinesMax = 600;
constexpr int kFunctionLinesMax = 70;
constexpr std::size_t kColumnsMax = 100;

const std::map<std::string, std::set<std::string>> kMayInclude = {
    {"core", {"core"}},
    {"formats",
     {"core", "formats", "simdjson.h", "yaml-cpp", "nlohmann", "google", "fmt", "openssl"}},
    {"store", {"core", "formats", "store", "rocksdb", "openssl", "fcntl.h", "sys", "unistd.h"}},
    {"adapters",
     {"core", "formats", "adapters", "curl", "yaml-cpp", "nlohmann", "simdjson.h", "openssl",
      "fcntl.h", "poll.h", "signal.h", "spawn.h", "sys", "unistd.h"}},
    {"sandbox", {"core", "formats", "sandbox", "nlohmann", "httplib.h", "CLI", "openssl"}},
    {"operator",
     {"core", "formats", "store", "adapters", "sandbox", "operator", "spdlog", "CLI", "httplib.h",
      "elf.h", "link.h", "malloc.h", "openssl", "signal.h", "sys", "unistd.h", "time.h", "fmt",
      "nlohmann"}},
    {"replay", {"core", "formats", "store", "replay", "CLI", "fmt", "nlohmann", "sys", "unistd.h"}},
};

// The standard headers a pure core needs. No clock, thread, stream, randomness or hashing.
const std::set<std::string> kCoreMayUse = {
    "algorithm",        "array",       "charconv", "chrono",      "compare",
    "cstddef",          "cstdint",     "cstdio",   "deque",       "functional",
    "initializer_list", "iterator",    "limits",   "map",         "memory",
    "numeric",          "optional",    "set",      "span",        "stdexcept",
    "string",           "string_view", "tuple",    "type_traits", "utility",
    "variant",          "vector"};

// Words that would make the core's answers depend on more than its input.
const std::vector<std::string> kCoreForbids = {
    "steady_clock", "system_clock::now", "random_device", "mt19937",   "unordered_",
    "std::thread",  "std::mutex",        "getenv",        "std::cout", "float ",
    "double "};

struct Source {
  std::string folder;
  fs::path path;
  std::vector<std::string> lines;
};

std::vector<std::string> read_lines(const fs::path& path) {
  std::ifstream in(path);
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

bool is_source(const fs::path& path) {
  return path.extension() == ".h" || path.extension() == ".cc";
}

const std::vector<Source>& sources() {
  static const std::vector<Source> kSources = [] {
    std::vector<Source> found;
    for (const auto& [folder, unused] : kMayInclude) {
      for (const auto& entry : fs::recursive_directory_iterator(fs::path(SOURCE_ROOT) / folder)) {
        if (entry.is_regular_file() && is_source(entry.path())) {
          found.push_back({folder, entry.path(), read_lines(entry.path())});
        }
      }
    }
    return found;
  }();
  return kSources;
}

std::string where(const Source& source, std::size_t line) {
  return fs::relative(source.path, SOURCE_ROOT).string() + ":" + std::to_string(line + 1) + ": ";
}

bool is_builder(const Source& source) {
  return source.path.string().find("/core/build/") != std::string::npos;
}

TEST(Tidy, FindsTheSources) { EXPECT_GT(sources().size(), 100U); }

TEST(Tidy, FoldersIncludeOnlyWhatTheyMay) {
  const std::regex include(R"(^#include ([<"])([^">]+)[">])");
  for (const Source& source : sources()) {
    for (std::size_t i = 0; i < source.lines.size(); ++i) {
      std::smatch match;
      if (!std::regex_search(source.lines[i], match, include)) continue;
      const std::string name = match[2];
      const std::string top = name.substr(0, name.find('/'));
      const bool standard = match[1] == "<" && name.find('.') == std::string::npos && name == top;
      if (standard && source.folder == "core") {
        EXPECT_TRUE(kCoreMayUse.count(name))
            << where(source, i) << "core may not use <" << name << ">";
      }
      const bool generated = source.folder == "formats" && name.ends_with(".pb.h");
      const bool json = is_builder(source) && top == "nlohmann";
      if (standard || generated || json) continue;
      EXPECT_TRUE(kMayInclude.at(source.folder).count(top))
          << where(source, i) << source.folder << " may not include " << name;
    }
  }
}

TEST(Tidy, TheCoreNamesNoClockThreadOrChance) {
  for (const Source& source : sources()) {
    if (source.folder != "core") continue;
    for (std::size_t i = 0; i < source.lines.size(); ++i) {
      const std::string code = source.lines[i].substr(0, source.lines[i].find("//"));
      for (const std::string& word : kCoreForbids) {
        EXPECT_EQ(code.find(word), std::string::npos)
            << where(source, i) << "core may not say " << word;
      }
    }
  }
}

TEST(Tidy, FilesFunctionsAndLinesStayShort) {
  for (const Source& source : sources()) {
    EXPECT_LE(source.lines.size(), static_cast<std::size_t>(kFileLinesMax))
        << where(source, 0) << "split it by ideas";
    // A function body, in our format: begins with a line at column 0 ending in '{', ends with '}'.
    std::size_t begin = 0;
    bool inside = false;
    for (std::size_t i = 0; i < source.lines.size(); ++i) {
      const std::string& line = source.lines[i];
      EXPECT_LE(line.size(), kColumnsMax + 8) << where(source, i) << "too long";
      const bool opens = !line.empty() && line[0] != ' ' && line[0] != '}' && line[0] != '#' &&
                         line.ends_with("{") && line.find('(') != std::string::npos;
      if (opens) {
        begin = i;
        inside = true;
      }
      if (inside && line == "}") {
        EXPECT_LE(i - begin + 1, static_cast<std::size_t>(kFunctionLinesMax))
            << where(source, begin) << "split the function";
        inside = false;
      }
    }
  }
}

TEST(Tidy, HeadersBeginWithASentenceAndPragmaOnce) {
  for (const Source& source : sources()) {
    if (source.path.extension() != ".h") continue;
    ASSERT_FALSE(source.lines.empty()) << where(source, 0);
    EXPECT_TRUE(source.lines[0].starts_with("// ")) << where(source, 0) << "say what the thing is";
    EXPECT_TRUE(std::find(source.lines.begin(), source.lines.end(), "#pragma once") !=
                source.lines.end())
        << where(source, 0);
  }
}

TEST(Tidy, NothingIsLeftToDo) {
  const std::regex left_over(R"(\b(TODO|FIXME|XXX|HACK)\b)");
  for (const Source& source : sources()) {
    for (std::size_t i = 0; i < source.lines.size(); ++i) {
      EXPECT_FALSE(std::regex_search(source.lines[i], left_over))
          << where(source, i) << "do it, or open an issue";
    }
  }
}

std::vector<fs::path> documents() {
  std::vector<fs::path> found;
  for (const auto& entry : fs::directory_iterator(SOURCE_ROOT)) {
    if (entry.path().extension() == ".md") found.push_back(entry.path());
  }
  if (!fs::exists(fs::path(SOURCE_ROOT) / "docs")) return found;
  for (const auto& entry : fs::recursive_directory_iterator(fs::path(SOURCE_ROOT) / "docs")) {
    if (entry.path().extension() == ".md") found.push_back(entry.path());
  }
  return found;
}

TEST(Tidy, DocumentsHaveOneTitle) {
  for (const fs::path& document : documents()) {
    int titles = 0;
    bool code = false;
    for (const std::string& line : read_lines(document)) {
      if (line.starts_with("```")) code = !code;
      if (!code && line.starts_with("# ")) ++titles;
    }
    EXPECT_EQ(titles, 1) << document;
  }
}

TEST(Tidy, PathsThatDocumentsNameExist) {
  const std::regex path(
      R"(`((?:core|formats|store|adapters|operator|sandbox|replay|test|docs|charts|samples|scripts)/[A-Za-z0-9_./-]+)`)");
  for (const fs::path& document : documents()) {
    for (const std::string& line : read_lines(document)) {
      for (std::sregex_iterator it(line.begin(), line.end(), path), end; it != end; ++it) {
        const std::string named = (*it)[1];
        EXPECT_TRUE(fs::exists(fs::path(SOURCE_ROOT) / named)) << document << " names " << named;
      }
    }
  }
}

}  // namespace
