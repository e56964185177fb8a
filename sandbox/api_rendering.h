// How objects are shown to one client: version, and whole, as table rows or as metadata only.

#pragma once

#include <string>
#include <vector>

#include "core/time.h"
#include "formats/http.h"
#include "sandbox/api_objects.h"
#include "sandbox/api_paths.h"

namespace raycord {

enum class ApiView : std::uint8_t { Whole, Table, Metadata };
enum class ApiRowObject : std::uint8_t { None, Metadata, Object };

struct ApiRendering {
  GroupVersion at;
  ApiView view = ApiView::Whole;
  ApiRowObject row_object = ApiRowObject::Metadata;  // What a table row carries.
};

ApiRendering rendering_for(const GroupVersion& at, const HttpRequest& request,
                           const ApiQuery& query);

// JSON text of one object.
std::string render_object(const ApiObject& object, const ApiRendering& rendering, Time now);

struct ApiListPage {
  std::vector<ApiObjectPtr> items;
  std::uint64_t version = 0;
  std::string next_page;        // The continue token; empty on the last page.
  std::int64_t remaining = -1;  // Items behind this page; -1: not said.
};
std::string render_list(const ApiKind& kind, const ApiListPage& page, const ApiRendering& rendering,
                        Time now);

// One line of a watch: {"type":…,"object":…} and a newline.
std::string render_event(const char* type, const std::string& object);
std::string render_bookmark(const ApiKind& kind, const GroupVersion& at, std::uint64_t version);

}  // namespace raycord
