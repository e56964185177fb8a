#include "formats/message_keeper.h"

#include <algorithm>

namespace raycord {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

bool is_word(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

bool is_path(char c) { return is_word(c) || c == '/' || c == '.' || c == '-' || c == '+'; }

// "\x1b[36m" and the like: skipped to their final byte.
std::size_t end_of_colour(std::string_view text, std::size_t at) {
  if (at + 1 >= text.size() || text[at + 1] != '[') return at + 1;
  for (at += 2; at < text.size(); ++at) {
    if (text[at] >= '@' && text[at] <= '~') return at + 1;
  }
  return at;
}

// An object id or an address in memory: a word has to be this long to be no common one.
bool is_id(std::string_view word) {
  constexpr std::size_t kShortestId = 8;
  if (word.starts_with("0x")) return true;
  return word.size() >= kShortestId && std::all_of(word.begin(), word.end(), is_hex) &&
         std::any_of(word.begin(), word.end(), is_digit);
}

void add_word(std::string_view word, std::string& form) {
  if (is_id(word)) {
    form += '#';
    return;
  }
  for (const char c : word) {
    if (!is_digit(c)) {
      form += c;
    } else if (form.empty() || form.back() != '#') {
      form += '#';
    }
  }
}

}  // namespace

std::string normal_form(std::string_view message) {
  std::string form;
  std::size_t at = 0;
  const auto end_of = [&](auto&& belongs) {
    std::size_t end = at;
    while (end < message.size() && belongs(message[end])) ++end;
    return end;
  };
  while (at < message.size()) {
    const char c = message[at];
    if (c == '\x1b') {
      at = end_of_colour(message, at);
    } else if (is_word(c)) {
      const std::size_t end = end_of(is_word);
      add_word(message.substr(at, end - at), form);
      at = end;
    } else if (c == '/') {
      const std::size_t end = end_of(is_path);
      form += end - at > 1 ? "<path>" : "/";
      at = end;
    } else {
      // Runs of spaces and of a traceback's markers are one.
      if (form.empty() || form.back() != c) form += c;
      ++at;
    }
  }
  return form;
}

void MessageKeeper::keep(Key key, std::string status, std::string& message, Time now,
                         std::map<Key, Kept>& seen) {
  const auto kept = kept_.find(key);
  // Most things have nothing to say, and in a large fleet that adds up.
  const bool was_silent = kept == kept_.end() || (kept->second.text.empty() &&
                                                  now - kept->second.since >= kMessageInterval);
  if (message.empty() && was_silent) return;
  std::string form = normal_form(message);
  const bool same_status = kept != kept_.end() && kept->second.status == status;
  const bool stays =
      same_status && (kept->second.form == form || now - kept->second.since < kMessageInterval);
  if (stays) {
    message = kept->second.text;
    seen.emplace(std::move(key), std::move(kept->second));
  } else {
    seen.emplace(std::move(key), Kept{std::move(status), message, std::move(form), now});
  }
}

void MessageKeeper::keep(ServeAnswer& answer, Time now) {
  std::map<Key, Kept> seen;
  for (AppAnswer& app : answer.apps) {
    keep({app.name, ""}, app.status, app.message, now, seen);
    for (DeploymentAnswer& deployment : app.deployments) {
      keep({app.name, deployment.name}, deployment.status + " " + deployment.trigger,
           deployment.message, now, seen);
    }
  }
  kept_ = std::move(seen);
}

}  // namespace raycord
