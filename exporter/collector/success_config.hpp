// What exporter.yml says about a collector's own counters of success. Plain data.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "common/yaml_reader.hpp"

namespace fieldmedic {

// Whose own counters tell of success. Presets (success_presets.hpp) are read as one of these.
enum class SuccessKind {
  RsyslogImpstats,  // the file that rsyslog's module writes
  Prometheus,       // a page or a file in Prometheus' text format
  Json,             // a page or a file that holds one JSON document
  LogPatterns,      // lines of log files
};

// What each number of the source is.
enum class Counts {
  Cumulative,  // the total since the collector started
  Delta,       // what came since the number before it
};

// What is summed for each number: selectors (Prometheus), JSON pointers, or regular expressions
// (log lines). Two of the first three lists at most: the third number follows from them.
struct SuccessTerms {
  std::vector<std::string> attempts{};
  std::vector<std::string> successes{};
  std::vector<std::string> failures{};
  std::vector<std::string> backlog{};

  friend bool operator==(const SuccessTerms&, const SuccessTerms&) = default;
};

// A page that is asked for in the background.
struct SuccessPage {
  std::string url{};
  std::chrono::milliseconds interval{5'000};
  std::chrono::milliseconds timeout{4'000};  // of one exchange
  std::string ca_file{};                     // empty: the system's certificates

  friend bool operator==(const SuccessPage&, const SuccessPage&) = default;
};

struct SuccessConfig {
  SuccessKind kind = SuccessKind::RsyslogImpstats;
  std::string file{};                  // absolute; empty: `page` is asked, or `logs` are read
  std::string action{};                // RsyslogImpstats: which of its actions delivers
  SuccessPage page{};                  // Prometheus, Json
  std::vector<std::string> logs{};     // LogPatterns: LogPattern takes each
  SuccessTerms terms{};                // all but RsyslogImpstats
  Counts counts = Counts::Cumulative;  // Delta: of files only, where it is known which are new

  friend bool operator==(const SuccessConfig&, const SuccessConfig&) = default;
};

// {KIND: {…}} with exactly one kind or preset. Empty after an error, which is recorded.
[[nodiscard]] std::optional<SuccessConfig> read_success_config(const YamlMap& map);

}  // namespace fieldmedic
