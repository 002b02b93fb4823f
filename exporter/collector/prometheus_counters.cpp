#include "exporter/collector/prometheus_counters.hpp"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <optional>

#include <fmt/format.h>

#include "common/prometheus_text.hpp"
#include "common/quote.hpp"

namespace fieldmedic {
namespace {

constexpr std::size_t kLongest = 1024;
constexpr std::size_t kMostMatchers = 16;

std::unexpected<Error> wanted(std::string_view text) {
  return fail(Errc::Invalid,
              fmt::format("wants a selector such as name{{label=\"value\"}}, got {}", quote(text)));
}

bool is_metric_name(std::string_view name) {
  const auto letter = [](char c) {
    return std::isalpha(static_cast<unsigned char>(c)) != 0 || c == '_' || c == ':';
  };
  return !name.empty() && letter(name.front()) && std::ranges::all_of(name, [&](char c) {
    return letter(c) || std::isdigit(static_cast<unsigned char>(c)) != 0;
  });
}

// Up to a comma that stands in no quotes.
std::string_view take_matcher(std::string_view& text) {
  bool quoted = false;
  std::size_t end = 0;
  for (; end < text.size() && (quoted || text[end] != ','); ++end) {
    if (text[end] == '\\') ++end;
    if (end < text.size() && text[end] == '"') quoted = !quoted;
  }
  const auto matcher = text.substr(0, end);
  text.remove_prefix(std::min(text.size(), end + 1));
  return matcher;
}

struct Value {
  double value = 0;
  std::int64_t timestamp_ms = 0;
};

// What the sample of a family says under a name; empty: the name is not one of its.
std::optional<double> value_of(const prometheus::MetricFamily& family,
                               const prometheus::ClientMetric& metric, std::string_view name) {
  const auto ending = name.substr(std::min(name.size(), family.name.size()));
  switch (family.type) {
    case prometheus::MetricType::Counter:
      return ending.empty() ? std::optional(metric.counter.value) : std::nullopt;
    case prometheus::MetricType::Gauge:
      return ending.empty() ? std::optional(metric.gauge.value) : std::nullopt;
    case prometheus::MetricType::Untyped:
      return ending.empty() ? std::optional(metric.untyped.value) : std::nullopt;
    case prometheus::MetricType::Summary:
      if (ending == "_count") return static_cast<double>(metric.summary.sample_count);
      return ending == "_sum" ? std::optional(metric.summary.sample_sum) : std::nullopt;
    case prometheus::MetricType::Histogram:
      if (ending == "_count") return static_cast<double>(metric.histogram.sample_count);
      return ending == "_sum" ? std::optional(metric.histogram.sample_sum) : std::nullopt;
  }
  return std::nullopt;
}

bool matches(const SampleSelector& selector, const prometheus::ClientMetric& metric) {
  if (selector.matchers.empty()) return true;
  Labels labels;
  for (const auto& label : metric.label) labels[label.name] = label.value;
  return std::ranges::all_of(selector.matchers,
                             [&](const Matcher& matcher) { return matcher.matches(labels); });
}

std::vector<Value> find(const PrometheusText& page, const SampleSelector& selector) {
  std::vector<Value> values;
  for (const auto& family : page.families) {
    if (!selector.name.starts_with(family.name)) continue;
    for (const auto& metric : family.metric) {
      const auto value = value_of(family, metric, selector.name);
      if (value && matches(selector, metric)) values.push_back({*value, metric.timestamp_ms});
    }
  }
  return values;
}

}  // namespace

Result<SampleSelector> SampleSelector::parse(std::string_view text) {
  if (text.size() > kLongest) return wanted(text);
  SampleSelector selector;
  const auto brace = text.find('{');
  selector.name = text.substr(0, brace);
  if (!is_metric_name(selector.name)) return wanted(text);
  if (brace == text.npos) return selector;
  if (!text.ends_with('}')) return wanted(text);
  auto inside = text.substr(brace + 1, text.size() - brace - 2);
  while (!inside.empty()) {
    auto matcher = Matcher::parse(take_matcher(inside));
    if (!matcher) return fail(std::move(matcher.error()));
    selector.matchers.push_back(std::move(*matcher));
  }
  if (selector.matchers.size() > kMostMatchers) return wanted(text);
  return selector;
}

Result<CounterReading> read_prometheus_counters(std::string_view text, const SuccessTerms& terms) {
  const auto page = parse_prometheus_text(text);
  if (!page) return fail(page.error());
  std::int64_t latest_ms = 0;
  const auto sum = [&](const std::string& term) -> Result<std::optional<double>> {
    const auto selector = SampleSelector::parse(term);
    if (!selector) return std::nullopt;  // told when the configuration was read
    std::optional<double> total;
    for (const auto& [value, timestamp_ms] : find(*page, *selector)) {
      if (!std::isfinite(value) || value < 0)
        return fail(Errc::Malformed,
                    fmt::format("{} is {}, which counts nothing", quote(term), value));
      total = total.value_or(0) + value;
      latest_ms = std::max(latest_ms, timestamp_ms);
    }
    return total;
  };
  auto reading = read_terms(terms, sum);
  if (reading && latest_ms > 0) reading->at = WallTime(std::chrono::milliseconds(latest_ms));
  return reading;
}

}  // namespace fieldmedic
