#include "common/log.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <memory>

#include <fmt/format.h>
#include <spdlog/logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>

#include "common/utf8.hpp"

namespace fieldmedic::log {
namespace {

constexpr std::size_t kMaxLine = 16 * 1024;

// systemd sets JOURNAL_STREAM to device:inode of the stream it made; standard error may have been
// redirected since (systemd.exec(5)).
bool writes_to_journal() {
  const char* stream = std::getenv("JOURNAL_STREAM");
  struct stat status{};
  if (stream == nullptr || fstat(STDERR_FILENO, &status) != 0) return false;
  return fmt::format("{}:{}", status.st_dev, status.st_ino) == stream;
}

// The journal keeps time itself and takes the level from a syslog prefix (sd-daemon(3)).
struct Output {
  bool journal = writes_to_journal();
  spdlog::logger logger{"fieldmedic", std::make_shared<spdlog::sinks::stderr_sink_mt>()};

  Output() {
    auto formatter = std::make_unique<spdlog::pattern_formatter>(
        journal ? "%v" : "%l %Y-%m-%dT%H:%M:%S.%eZ %v", spdlog::pattern_time_type::utc);
    logger.set_formatter(std::move(formatter));
    logger.set_level(spdlog::level::info);
  }
};

Output& output() {
  static Output instance;
  return instance;
}

// C0 and DEL as \n, \t or \x1b; C1 (a terminal obeys it as well) and what is no UTF-8 byte by byte.
std::string escape(std::string_view message) {
  std::string line;
  line.reserve(message.size());
  const auto hex = [&line](char c) {
    fmt::format_to(std::back_inserter(line), "\\x{:02x}", static_cast<unsigned char>(c));
  };
  while (!message.empty() && line.size() < kMaxLine) {
    const std::size_t length = utf8_sequence_length(message);
    const char c = message.front();
    const bool control = static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
    const bool control1 = length == 2 && c == '\xC2' && message[1] < '\xA0';
    if (c == '\n') {
      line += "\\n";
    } else if (c == '\t') {
      line += "\\t";
    } else if (length == 0 || control) {
      hex(c);
    } else if (control1) {
      hex(c);
      hex(message[1]);
    } else {
      line += message.substr(0, length);
    }
    message.remove_prefix(length == 0 ? 1 : length);
  }
  if (!message.empty()) line += "… (cut)";
  return line;
}

void write(spdlog::level::level_enum level, int priority, std::string_view message) {
  Output& out = output();
  if (!out.logger.should_log(level)) return;
  const std::string line = escape(message);
  if (out.journal) {
    out.logger.log(level, "<{}>{}", priority, line);
  } else {
    out.logger.log(level, "{}", line);
  }
}

}  // namespace

void set_level(Level level) {
  switch (level) {
    case Level::Debug: return output().logger.set_level(spdlog::level::debug);
    case Level::Info: return output().logger.set_level(spdlog::level::info);
    case Level::Warn: return output().logger.set_level(spdlog::level::warn);
    case Level::Error: return output().logger.set_level(spdlog::level::err);
  }
}

void debug(std::string_view message) {
  write(spdlog::level::debug, 7, message);
}
void info(std::string_view message) {
  write(spdlog::level::info, 6, message);
}
void warn(std::string_view message) {
  write(spdlog::level::warn, 4, message);
}
void error(std::string_view message) {
  write(spdlog::level::err, 3, message);
}

}  // namespace fieldmedic::log
