#include "operator/log_lines.h"

#include <nlohmann/json.hpp>
#include <spdlog/async.h>
#include <spdlog/async_logger.h>
#include <spdlog/sinks/stdout_sinks.h>

#include "core/text.h"
#include "operator/limits.h"

namespace raycord {
namespace {

const char* text_of(Level level) {
  switch (level) {
    case Level::Info:
      return "info";
    case Level::Warning:
      return "warning";
    case Level::Error:
      return "error";
  }
  return "";
}

// "plain" as it is, anything else in quotes.
std::string quoted(const std::string& value) {
  if (value.find_first_of(" \"=") == std::string::npos) return value;
  std::string text = "\"";
  for (const char c : value) {
    if (c == '"' || c == '\\') text += '\\';
    text += c;
  }
  return text + "\"";
}

}  // namespace

std::string format_line(LogFormat format, Time time, Level level, std::string_view message,
                        const LogFields& fields) {
  if (format == LogFormat::Json) {
    nlohmann::ordered_json line;
    line["time"] = to_rfc3339_millis(time);
    line["level"] = text_of(level);
    line["message"] = std::string(message);
    for (const auto& [name, value] : fields) {
      if (!value.empty()) line[name] = value;
    }
    return line.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
  }
  std::string line = to_rfc3339_millis(time) + " ";
  std::string word = text_of(level);
  word.resize(8, ' ');
  line += word + one_line(message, kLogLineMax);
  for (const auto& [name, value] : fields) {
    if (!value.empty()) line += " " + name + "=" + quoted(one_line(value, kLogLineMax));
  }
  return line;
}

class LogLines::Sink {
 public:
  Sink()
      : pool_(std::make_shared<spdlog::details::thread_pool>(kLogLinesWaiting, 1)),
        logger_(std::make_shared<spdlog::async_logger>(
            "raycord", std::make_shared<spdlog::sinks::stderr_sink_mt>(), pool_,
            spdlog::async_overflow_policy::overrun_oldest)) {
    logger_->set_pattern("%v");
    logger_->flush_on(spdlog::level::trace);
  }

  // The pool's thread has ended before what it writes with goes.
  ~Sink() { pool_.reset(); }
  Sink(const Sink&) = delete;
  Sink& operator=(const Sink&) = delete;

  void write(const std::string& line) { logger_->info(spdlog::string_view_t(line)); }

 private:
  std::shared_ptr<spdlog::details::thread_pool> pool_;
  std::shared_ptr<spdlog::async_logger> logger_;
};

LogLines::LogLines(LogFormat format) : format_(format), sink_(std::make_unique<Sink>()) {}

LogLines::~LogLines() = default;

void LogLines::close() { sink_.reset(); }

void LogLines::say(Level level, std::string_view message, const LogFields& fields) {
  if (!sink_) return;
  const auto now = std::chrono::floor<Millis>(std::chrono::system_clock::now());
  sink_->write(format_line(format_, now, level, message, fields));
}

}  // namespace raycord
