#include "formats/manifest.h"

#include <gtest/gtest.h>

namespace raycord {
namespace {

using Texts = std::vector<std::string>;

Texts read(const std::string& text) {
  const auto objects = read_manifest(text);
  EXPECT_TRUE(objects) << (objects ? "" : objects.error().message);
  return objects ? *objects : Texts{};
}

std::string error_of(const std::string& text) {
  const auto objects = read_manifest(text);
  return objects ? std::string() : objects.error().message;
}

TEST(Manifest, ReadsSeveralDocuments) {
  EXPECT_EQ(
      read("# first\nkind: A\napiVersion: v1\n---\n# nothing\n---\nkind: B\napiVersion: v1\n"),
      (Texts{R"({"apiVersion":"v1","kind":"A"})", R"({"apiVersion":"v1","kind":"B"})"}));
}

TEST(Manifest, ReadsJson) {
  EXPECT_EQ(read(R"( {"kind": "A", "apiVersion": "v1"} )"),
            Texts{R"({"apiVersion":"v1","kind":"A"})"});
}

TEST(Manifest, AnEmptyTextHasNoObjects) {
  EXPECT_EQ(read(""), Texts{});
  EXPECT_EQ(read("---\n---\n"), Texts{});
}

TEST(Manifest, TheItemsOfAListStandForIt) {
  EXPECT_EQ(read("kind: List\napiVersion: v1\nitems:\n- {kind: A, apiVersion: v1}\n"
                 "- {kind: BList, apiVersion: v1, items: [{kind: B, apiVersion: v1}]}\n"),
            (Texts{R"({"apiVersion":"v1","kind":"A"})", R"({"apiVersion":"v1","kind":"B"})"}));
}

TEST(Manifest, ErrorsNameDocumentAndLine) {
  EXPECT_EQ(error_of("kind: A\napiVersion: v1\n---\nname: x\n"),
            "document 2, line 3: apiVersion is missing or no string");
  EXPECT_EQ(error_of("- a\n"), "document 1, line 1: an object must be a map, found array");
  EXPECT_EQ(error_of("kind: List\napiVersion: v1\nitems: [3]\n"),
            "document 1, line 1: items[0]: an object must be a map, found number");
  EXPECT_EQ(error_of("kind: A\napiVersion: v1\n---\nkind: A\nkind: B\n"),
            "document 2, line 5: the key \"kind\" stands twice in one map");
  EXPECT_NE(error_of("kind: A\napiVersion: v1\n---\na: [1\nb: 2\n").find("document 2, line "),
            std::string::npos);
}

}  // namespace
}  // namespace raycord
