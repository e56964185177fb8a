#include "sandbox/api_rendering.h"

#include "sandbox/api_tables.h"

namespace raycord {
namespace {

Json only_metadata(const ApiObject& object) {
  return {{"kind", "PartialObjectMetadata"},
          {"apiVersion", "meta.k8s.io/v1"},
          {"metadata", object.body["metadata"]}};
}

Json row_of(const ApiObject& object, const ApiRendering& rendering, Time now) {
  Json row = {{"cells", table_cells(object, rendering.at, now)}};
  switch (rendering.row_object) {
    case ApiRowObject::None:
      break;
    case ApiRowObject::Metadata:
      row["object"] = only_metadata(object);
      break;
    case ApiRowObject::Object:
      row["object"] = to_served(*object.kind, object.body, rendering.at);
      break;
  }
  return row;
}

Json empty_table(const ApiKind& kind, const GroupVersion& at, std::uint64_t version) {
  return {{"kind", "Table"},
          {"apiVersion", "meta.k8s.io/v1"},
          {"metadata", {{"resourceVersion", std::to_string(version)}}},
          {"columnDefinitions", table_columns(kind, at)},
          {"rows", Json::array()}};
}

bool is_stored_version(const ApiKind& kind, const GroupVersion& at) { return at == kind.served[0]; }

// Lists of built-in kinds leave apiVersion and kind out of their items; custom resources don't.
bool custom(const ApiKind& kind) { return kind.served[0].group == "ray.io"; }

std::string item_text(const ApiObject& object, const ApiRendering& rendering) {
  if (rendering.view == ApiView::Metadata) return only_metadata(object).dump();
  if (!is_stored_version(*object.kind, rendering.at)) {
    return to_served(*object.kind, object.body, rendering.at).dump();
  }
  return custom(*object.kind) ? object.text() : object.item_text();
}

Json list_metadata(const ApiListPage& page) {
  Json metadata = {{"resourceVersion", std::to_string(page.version)}};
  if (!page.next_page.empty()) metadata["continue"] = page.next_page;
  if (page.remaining >= 0) metadata["remainingItemCount"] = page.remaining;
  return metadata;
}

}  // namespace

ApiRendering rendering_for(const GroupVersion& at, const HttpRequest& request,
                           const ApiQuery& query) {
  ApiRendering rendering{at, ApiView::Whole, ApiRowObject::Metadata};
  const std::string accept = find_header(request.headers, "accept").value_or("");
  const std::string first = accept.substr(0, accept.find(','));  // The client's first choice.
  if (first.find("as=Table") != std::string::npos) rendering.view = ApiView::Table;
  if (first.find("as=PartialObjectMetadata") != std::string::npos) {
    rendering.view = ApiView::Metadata;
  }
  const std::string include = query_value(query, "includeObject");
  if (include == "None") rendering.row_object = ApiRowObject::None;
  if (include == "Object") rendering.row_object = ApiRowObject::Object;
  return rendering;
}

std::string render_object(const ApiObject& object, const ApiRendering& rendering, Time now) {
  switch (rendering.view) {
    case ApiView::Table: {
      Json table = empty_table(*object.kind, rendering.at, object.version);
      table["rows"].push_back(row_of(object, rendering, now));
      return table.dump();
    }
    case ApiView::Metadata:
      return only_metadata(object).dump();
    case ApiView::Whole:
      break;
  }
  if (is_stored_version(*object.kind, rendering.at)) return object.text();
  return to_served(*object.kind, object.body, rendering.at).dump();
}

std::string render_list(const ApiKind& kind, const ApiListPage& page, const ApiRendering& rendering,
                        Time now) {
  if (rendering.view == ApiView::Table) {
    Json table = empty_table(kind, rendering.at, page.version);
    table["metadata"] = list_metadata(page);
    for (const ApiObjectPtr& item : page.items) {
      table["rows"].push_back(row_of(*item, rendering, now));
    }
    return table.dump();
  }
  const bool metadata = rendering.view == ApiView::Metadata;
  std::string text = R"({"apiVersion":")";
  text += metadata ? "meta.k8s.io/v1" : rendering.at.text();
  text += R"(","kind":")";
  text += metadata ? "PartialObjectMetadataList" : kind.kind + "List";
  text += R"(","metadata":)" + list_metadata(page).dump() + R"(,"items":[)";
  for (std::size_t i = 0; i < page.items.size(); ++i) {
    if (i > 0) text += ',';
    text += item_text(*page.items[i], rendering);
  }
  text += "]}";
  return text;
}

std::string render_event(const char* type, const std::string& object) {
  std::string line;
  line.reserve(object.size() + 40);
  line.append(R"({"type":")").append(type).append(R"(","object":)").append(object).append("}\n");
  return line;
}

std::string render_bookmark(const ApiKind& kind, const GroupVersion& at, std::uint64_t version) {
  const Json object = {
      {"kind", kind.kind},
      {"apiVersion", at.text()},
      {"metadata", {{"resourceVersion", std::to_string(version)}, {"creationTimestamp", nullptr}}}};
  return render_event("BOOKMARK", object.dump());
}

}  // namespace raycord
