#include "exporter/collector/success_config.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <re2/re2.h>

#include "common/config_fields.hpp"
#include "common/quote.hpp"
#include "exporter/collector/json_counters.hpp"
#include "exporter/collector/log_config.hpp"
#include "exporter/collector/prometheus_counters.hpp"
#include "exporter/collector/success_presets.hpp"

namespace fieldmedic {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kMostTerms = 16;
constexpr DurationBounds kInterval{1s, 1h};
constexpr DurationBounds kTimeout{100ms, 60s};

Status check_expression(const std::string& text) {
  re2::RE2::Options options;
  options.set_log_errors(false);
  const re2::RE2 compiled(text, options);
  if (compiled.ok()) return {};
  return fail(Errc::Invalid, fmt::format("wants a regular expression (RE2), got {}: {}",
                                         quote(text), compiled.error()));
}

Status check_term(SuccessKind kind, const std::string& text) {
  switch (kind) {
    case SuccessKind::RsyslogImpstats: return {};
    case SuccessKind::Prometheus: {
      const auto selector = SampleSelector::parse(text);
      return selector ? Status() : fail(selector.error());
    }
    case SuccessKind::Json: {
      const auto pointer = parse_json_pointer(text);
      return pointer ? Status() : fail(pointer.error());
    }
    case SuccessKind::LogPatterns: return check_expression(text);
  }
  return {};
}

std::vector<std::string> read_list(const YamlMap& map, std::string_view key, SuccessKind kind) {
  std::vector<std::string> terms;
  for (const YamlValue& value : map.values(key)) {
    const auto text = value.string();
    if (!text) {
      value.error(fmt::format("each element of '{}' wants text", key));
    } else if (const auto good = check_term(kind, *text); !good) {
      value.error(fmt::format("each element of '{}' {}", key, good.error().message));
    } else {
      terms.push_back(*text);
    }
  }
  if (terms.size() > kMostTerms)
    map.error(key, fmt::format("'{}' takes {} elements at most", key, kMostTerms));
  return terms;
}

SuccessTerms read_terms(const YamlMap& map, SuccessKind kind) {
  SuccessTerms terms{.attempts = read_list(map, "attempts", kind),
                     .successes = read_list(map, "successes", kind),
                     .failures = read_list(map, "failures", kind),
                     .backlog = read_list(map, "backlog", kind)};
  if (!map.has("attempts") && !map.has("successes")) map.error("wants 'attempts' or 'successes'");
  if (map.has("attempts") && map.has("successes") && map.has("failures"))
    map.error("failures", "'failures' follow from 'attempts' and 'successes'");
  return terms;
}

Counts read_counts(const YamlMap& map, Counts fallback) {
  const auto word = map.one_of("counts", {"cumulative", "delta"},
                               fallback == Counts::Delta ? "delta" : "cumulative");
  return word == "delta" ? Counts::Delta : Counts::Cumulative;
}

SuccessPage read_page(const YamlMap& map) {
  SuccessPage page;
  page.url = read_url(map, "url");
  page.interval = read_bounded_duration(map, "interval", page.interval, kInterval);
  page.timeout = read_bounded_duration(map, "timeout", page.timeout, kTimeout);
  page.ca_file = read_ca_file(map);
  return page;
}

SuccessConfig read_impstats(const YamlMap& map) {
  return {.kind = SuccessKind::RsyslogImpstats,
          .file = read_required_path(map, "file"),
          .action = map.string("action"),
          .counts = read_counts(map, Counts::Cumulative)};
}

SuccessConfig read_prometheus(const YamlMap& map) {
  map.require("url");
  return {.kind = SuccessKind::Prometheus,
          .page = read_page(map),
          .terms = read_terms(map, SuccessKind::Prometheus)};
}

SuccessConfig read_textfile(const YamlMap& map) {
  return {.kind = SuccessKind::Prometheus,
          .file = read_required_path(map, "file"),
          .terms = read_terms(map, SuccessKind::Prometheus),
          .counts = read_counts(map, Counts::Cumulative)};
}

SuccessConfig read_json(const YamlMap& map) {
  SuccessConfig success{.kind = SuccessKind::Json, .terms = read_terms(map, SuccessKind::Json)};
  if (map.has("url") == map.has("file")) map.error("wants either 'url' or 'file'");
  if (map.has("file")) {
    success.file = read_path(map, "file");
    success.counts = read_counts(map, Counts::Cumulative);
  } else {
    success.page = read_page(map);
  }
  return success;
}

// Where a number is needed, an expression must capture it.
void require_numbers(const YamlMap& map, std::string_view key,
                     const std::vector<std::string>& expressions) {
  for (const auto& text : expressions) {
    if (re2::RE2(text).NumberOfCapturingGroups() > 0) continue;
    map.error(key, fmt::format("each element of '{}' wants a group that captures the number, as in "
                               "'sent ([0-9]+)', got {}",
                               key, quote(text)));
  }
}

SuccessConfig read_log(const YamlMap& map) {
  map.require("files");
  SuccessConfig success{.kind = SuccessKind::LogPatterns,
                        .logs = read_log_files(map, "files"),
                        .terms = read_terms(map, SuccessKind::LogPatterns),
                        .counts = read_counts(map, Counts::Delta)};
  require_numbers(map, "backlog", success.terms.backlog);
  if (success.counts == Counts::Delta) return success;
  require_numbers(map, "attempts", success.terms.attempts);
  require_numbers(map, "successes", success.terms.successes);
  require_numbers(map, "failures", success.terms.failures);
  return success;
}

SuccessConfig read_preset(const SuccessPreset& preset, const YamlMap& map) {
  SuccessConfig success{.kind = preset.kind, .page = read_page(map)};
  if (success.page.url.empty()) success.page.url = preset.url;
  success.page.url += preset.path;
  std::string part;
  if (!preset.part_key.empty()) {
    part = preset.part.empty() ? map.string(preset.part_key)
                               : map.string(preset.part_key, preset.part);
    if (map.has(preset.part_key) && !is_part_name(part))
      map.error(preset.part_key,
                fmt::format("'{}' wants 1 to 128 characters of A-Z a-z 0-9 _ . : -, got {}",
                            preset.part_key, quote(part)));
  }
  success.terms = preset.terms(part);
  return success;
}

struct KindReader {
  std::string_view name;
  SuccessConfig (*read)(const YamlMap& map);
};

constexpr KindReader kKinds[] = {{"rsyslog_impstats", read_impstats},
                                 {"prometheus", read_prometheus},
                                 {"textfile", read_textfile},
                                 {"json", read_json},
                                 {"log", read_log}};

}  // namespace

std::optional<SuccessConfig> read_success_config(const YamlMap& map) {
  std::optional<SuccessConfig> success;
  std::vector<std::string_view> names;
  const auto take = [&](std::string_view name, const auto& read) {
    names.push_back(name);
    if (!map.has(name)) return;
    const YamlMap arguments = map.map(name);
    success = read(arguments);
    arguments.done();
  };
  for (const auto& kind : kKinds) take(kind.name, kind.read);
  for (const auto& preset : success_presets()) {
    take(preset.name, [&](const YamlMap& arguments) { return read_preset(preset, arguments); });
  }
  if (success && map.keys().size() == 1) return success;
  map.error(fmt::format("'success' wants exactly one of {}", fmt::join(names, ", ")));
  return std::nullopt;
}

}  // namespace fieldmedic
