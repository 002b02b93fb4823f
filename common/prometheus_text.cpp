#include "common/prometheus_text.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "common/prometheus_line.hpp"
#include "common/text_scan.hpp"

namespace fieldmedic {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

std::optional<MetricType> type_of(std::string_view word) {
  struct Known {
    std::string_view word;
    MetricType type;
  };
  static constexpr std::array<Known, 5> kKnown{{{"counter", MetricType::Counter},
                                                {"gauge", MetricType::Gauge},
                                                {"summary", MetricType::Summary},
                                                {"untyped", MetricType::Untyped},
                                                {"histogram", MetricType::Histogram}}};
  const auto found = std::ranges::find(kKnown, word, &Known::word);
  if (found == kKnown.end()) return std::nullopt;
  return found->type;
}

// NUL between the parts; one inside a value could at worst refuse a text that is odd anyway.
std::string key_of(std::string_view name, std::vector<ClientMetric::Label> labels) {
  std::sort(labels.begin(), labels.end());
  std::string key(name);
  for (const auto& label : labels) key.append(1, '\0').append(label.name + '\0' + label.value);
  return key;
}

// The label that tells the parts of a summary or histogram from each other, taken out of `labels`.
Result<double> take_bound(std::vector<ClientMetric::Label>& labels, std::string_view name) {
  const auto found = std::ranges::find(labels, name, &ClientMetric::Label::name);
  const auto bound = found == labels.end() ? std::nullopt : parse_sample_value(found->value);
  if (!bound || std::isnan(*bound))
    return fail(Errc::Malformed, "wanted a number as label '" + std::string(name) + "'");
  labels.erase(found);
  return *bound;
}

Result<std::uint64_t> to_count(double value) {
  constexpr double kLimit = 18446744073709551616.0;  // 2^64
  if (value >= 0 && value < kLimit) return static_cast<std::uint64_t>(value);
  return fail(Errc::Malformed, "wanted a count of 0 or more");
}

// Puts lines together into families.
class Assembly {
 public:
  Status add(const CommentLine& comment) {
    if (comment.kind == CommentLine::Kind::Other) return {};
    Entry& entry = entry_of(comment.name);
    if (comment.kind == CommentLine::Kind::Help) {
      if (std::exchange(entry.has_help, true)) return fail(Errc::Malformed, "a second HELP");
      entry.family.help = comment.text;
      return {};
    }
    const auto type = type_of(comment.text);
    if (!type) {
      return fail(Errc::Malformed, "wanted counter, gauge, summary, untyped or histogram");
    }
    if (std::exchange(entry.has_type, true)) return fail(Errc::Malformed, "a second TYPE");
    if (!entry.family.metric.empty()) return fail(Errc::Malformed, "TYPE comes after a sample");
    entry.family.type = *type;
    return {};
  }

  Status add(SampleLine sample) {
    if (!seen_.insert(key_of(sample.name, sample.labels)).second) {
      return fail(Errc::Malformed, "this sample is there twice");
    }
    if (seen_.size() > kMostTextSamples) return fail(Errc::TooLarge, "more than 10,000 samples");
    text_.has_timestamps = text_.has_timestamps || sample.timestamp_ms.has_value();
    std::string_view part = sample.name;
    Entry& entry = entry_for_sample(part);
    switch (entry.family.type) {
      case MetricType::Summary: return add_to_summary(entry, part, std::move(sample));
      case MetricType::Histogram: return add_to_histogram(entry, part, std::move(sample));
      case MetricType::Counter:
      case MetricType::Gauge:
      case MetricType::Untyped: break;
    }
    auto& metric = entry.family.metric.emplace_back();
    metric.label = std::move(sample.labels);
    metric.timestamp_ms = sample.timestamp_ms.value_or(0);
    metric.counter.value = metric.gauge.value = metric.untyped.value = sample.value;
    return {};
  }

  PrometheusText finish() {
    for (auto& entry : entries_) {
      if (entry.family.metric.empty()) continue;
      for (auto& metric : entry.family.metric) {
        std::ranges::sort(metric.summary.quantile, {}, &ClientMetric::Quantile::quantile);
        std::ranges::sort(metric.histogram.bucket, {}, &ClientMetric::Bucket::upper_bound);
      }
      text_.families.push_back(std::move(entry.family));
    }
    return std::move(text_);
  }

 private:
  struct Entry {
    MetricFamily family;
    bool has_help = false;
    bool has_type = false;
    std::unordered_map<std::string, std::size_t> metrics;  // of a summary or histogram, by labels
  };

  Entry& entry_of(std::string_view name) {
    const auto [found, is_new] = places_.try_emplace(std::string(name), entries_.size());
    if (is_new) {
      auto& entry = entries_.emplace_back();
      entry.family.name = name;
      entry.family.type = MetricType::Untyped;
    }
    return entries_[found->second];
  }

  // orders_count belongs to the summary or histogram orders, if there is one. `part` becomes what
  // follows its name: "", "_sum", "_count" or "_bucket".
  Entry& entry_for_sample(std::string_view& part) {
    const std::string_view name = part;
    part = {};
    if (places_.contains(std::string(name))) return entry_of(name);
    for (const std::string_view suffix : {"_count", "_sum", "_bucket"}) {
      if (!name.ends_with(suffix)) continue;
      const auto stem = places_.find(std::string(name.substr(0, name.size() - suffix.size())));
      if (stem == places_.end()) continue;
      Entry& entry = entries_[stem->second];
      const bool summary = entry.family.type == MetricType::Summary && suffix != "_bucket";
      if (!summary && entry.family.type != MetricType::Histogram) continue;
      part = suffix;
      return entry;
    }
    return entry_of(name);
  }

  static ClientMetric& metric_of(Entry& entry, SampleLine& sample) {
    const auto [found, is_new] =
        entry.metrics.try_emplace(key_of({}, sample.labels), entry.family.metric.size());
    if (is_new) entry.family.metric.emplace_back().label = std::move(sample.labels);
    auto& metric = entry.family.metric[found->second];
    if (sample.timestamp_ms) metric.timestamp_ms = *sample.timestamp_ms;
    return metric;
  }

  static Status add_to_summary(Entry& entry, std::string_view part, SampleLine sample) {
    if (part.empty()) {
      const auto quantile = take_bound(sample.labels, "quantile");
      if (!quantile) return fail(quantile.error());
      metric_of(entry, sample).summary.quantile.push_back({*quantile, sample.value});
      return {};
    }
    auto& summary = metric_of(entry, sample).summary;
    if (part == "_sum") {
      summary.sample_sum = sample.value;
      return {};
    }
    const auto count = to_count(sample.value);
    if (!count) return fail(count.error());
    summary.sample_count = *count;
    return {};
  }

  static Status add_to_histogram(Entry& entry, std::string_view part, SampleLine sample) {
    if (part == "_sum") {
      metric_of(entry, sample).histogram.sample_sum = sample.value;
      return {};
    }
    const auto count = to_count(sample.value);
    if (!count) return fail(count.error());
    if (part == "_count") {
      metric_of(entry, sample).histogram.sample_count = *count;
      return {};
    }
    if (part != "_bucket") return fail(Errc::Malformed, "a histogram has no sample of this name");
    const auto bound = take_bound(sample.labels, "le");
    if (!bound) return fail(bound.error());
    metric_of(entry, sample).histogram.bucket.push_back({*count, *bound});
    return {};
  }

  PrometheusText text_;
  std::vector<Entry> entries_;
  std::unordered_map<std::string, std::size_t> places_;  // of entries_, by name
  std::unordered_set<std::string> seen_;
};

Status add_line(Assembly& assembly, std::string_view line) {
  line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
  if (line.empty()) return {};
  if (line.front() == '#') {
    const auto comment = parse_comment_line(line);
    if (!comment) return fail(comment.error());
    return assembly.add(*comment);
  }
  auto sample = parse_sample_line(line);
  if (!sample) return fail(std::move(sample.error()));
  return assembly.add(std::move(*sample));
}

}  // namespace

Result<PrometheusText> parse_prometheus_text(std::string_view text) {
  if (!text.empty() && text.back() != '\n') {
    return fail(Errc::Malformed, "the last line is cut off: it does not end with a newline");
  }
  Assembly assembly;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const auto line = take_line(text);
    if (auto added = add_line(assembly, line); !added) {
      return wrap(std::move(added.error()), "line " + std::to_string(number));
    }
  }
  return assembly.finish();
}

}  // namespace fieldmedic
