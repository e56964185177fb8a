// Reading of files for tests: our own excerpts, and recorded fixtures where they are at hand.

#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include <gtest/gtest.h>

namespace raycord {

inline std::string read_text(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  EXPECT_TRUE(file) << "cannot read " << path;
  return {std::istreambuf_iterator<char>(file), {}};
}

inline std::string test_data(const std::string& name) {
  return read_text(std::filesystem::path(TEST_DATA) / "formats/data" / name);
}

// The folder of recorded fixtures, or an empty path.
inline std::filesystem::path fixtures() {
  const char* given = std::getenv("RAYCORD_SHARED");
  const std::filesystem::path shared =
      given ? std::filesystem::path(given) : std::filesystem::path(SOURCE_ROOT) / "../shared";
  return std::filesystem::exists(shared / "fixtures") ? shared / "fixtures"
                                                      : std::filesystem::path();
}

inline std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << "\"" << from << "\" is not in the text";
  if (at != std::string::npos) text.replace(at, from.size(), to);
  return text;
}

}  // namespace raycord
