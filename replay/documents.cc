#include "replay/documents.h"

#include <utility>

#include "replay/yaml.h"

namespace raycord {

void Documents::add(JsonTree document) {
  if (!follow_) {
    list_.push_back(std::move(document));
  } else if (format_ == Format::Json) {
    out_ << document.dump() << "\n";
  } else {
    out_ << "---\n" << to_yaml(document);
  }
}

void Documents::finish() const {
  if (follow_) return;
  if (format_ == Format::Json) out_ << list_.dump(2) << "\n";
  if (format_ == Format::Yaml) out_ << to_yaml(list_);
}

}  // namespace raycord
