// One line of Prometheus' text format 0.0.4, cut into its parts. As strict as the parser of
// Prometheus' own client library (Go's expfmt), by which node_exporter reads text files.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <prometheus/client_metric.h>

#include "common/result.hpp"

namespace fieldmedic {

// name{label="value",…} value [timestamp]
struct SampleLine {
  std::string_view name;
  std::vector<prometheus::ClientMetric::Label> labels;  // at most 64, no name twice
  double value = 0;
  std::optional<std::int64_t> timestamp_ms;
};

// # HELP name text, or # TYPE name type; any other comment has no name.
struct CommentLine {
  enum class Kind { Help, Type, Other };
  Kind kind = Kind::Other;
  std::string_view name;
  std::string text;  // unescaped
};

// `line` without its newline and without blanks in front. Errc::Malformed says what was wanted.
[[nodiscard]] Result<SampleLine> parse_sample_line(std::string_view line);
// `line` starts with '#'.
[[nodiscard]] Result<CommentLine> parse_comment_line(std::string_view line);

// A number as this format writes it: 1, 0.5, 1e-3, NaN, +Inf.
[[nodiscard]] std::optional<double> parse_sample_value(std::string_view text);

}  // namespace fieldmedic
