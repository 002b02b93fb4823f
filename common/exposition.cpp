#include "common/exposition.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>

#include "common/utf8.hpp"

namespace fieldmedic {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

constexpr std::string_view kTotal = "_total";
constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD

// By byte: what is not written as it is.
constexpr auto kNeedsCare = [] {
  std::array<bool, 256> table{};
  std::fill(table.begin() + 0x80, table.end(), true);
  for (const char c : {'\0', '\\', '"', '\n'}) table[static_cast<unsigned char>(c)] = true;
  return table;
}();

bool needs_care(char c) {
  return kNeedsCare[static_cast<unsigned char>(c)];
}

// The length of what can be written as it is. By blocks, which compilers turn into a few wide
// instructions: most help texts are plain and fill several.
std::size_t plain_length(std::string_view text) {
  constexpr std::size_t kBlock = 16;
  std::size_t plain = 0;
  for (; plain + kBlock <= text.size(); plain += kBlock) {
    unsigned care = 0;
    for (std::size_t i = 0; i < kBlock; ++i) {
      const auto c = static_cast<unsigned char>(text[plain + i]);
      care |= static_cast<unsigned>(c >= 0x80) | static_cast<unsigned>(c == '\0') |
              static_cast<unsigned>(c == '\\') | static_cast<unsigned>(c == '"') |
              static_cast<unsigned>(c == '\n');
    }
    if (care != 0) break;
  }
  while (plain < text.size() && !needs_care(text[plain])) ++plain;
  return plain;
}

enum class Quote { Escape, Keep };

// One byte that is no UTF-8 would cost the whole scrape, so it becomes U+FFFD; NUL ends
// Prometheus' lexer and goes the same way.
void append_escaped(std::string& out, std::string_view text, Quote quote) {
  while (!text.empty()) {
    const std::size_t plain = plain_length(text);
    out.append(text, 0, plain);
    text.remove_prefix(plain);
    if (text.empty()) return;
    std::size_t used = 1;
    switch (text.front()) {
      case '\\': out += R"(\\)"; break;
      case '\n': out += R"(\n)"; break;
      case '"': out += quote == Quote::Escape ? R"(\")" : R"(")"; break;
      case '\0': out += kReplacement; break;
      default: {
        const std::size_t length = utf8_sequence_length(text);
        used = length == 0 ? 1 : length;
        out += length == 0 ? kReplacement : text.substr(0, length);
      }
    }
    text.remove_prefix(used);
  }
}

template <class Number>
void append_shortest(std::string& out, Number value) {
  char digits[32];
  const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
  out.append(digits, static_cast<std::size_t>(end - digits));
}

// Most of what is no integer is seconds from ticks, milliseconds or a load average: at most three
// decimals. Dividing two exact numbers rounds as reading the decimals does, so an equal quotient
// proves that they read back as `value`; this is several times faster than the general way.
bool append_thousandths(std::string& out, double value) {
  constexpr double kLimit = 9007199254740.0;  // 2^53 / 1000
  const double size = std::fabs(value);
  if (!(size < kLimit)) return false;  // NaN as well
  const auto thousandths = static_cast<std::uint64_t>(std::floor(size * 1000.0 + 0.5));
  if (static_cast<double>(thousandths) / 1000.0 != size) return false;
  char text[32];
  char* end = text;
  if (value < 0) *end++ = '-';
  end = std::to_chars(end, text + sizeof text, thousandths / 1000).ptr;
  const auto fraction = static_cast<unsigned>(thousandths % 1000);
  const char digits[] = {static_cast<char>('0' + fraction / 100),
                         static_cast<char>('0' + fraction / 10 % 10),
                         static_cast<char>('0' + fraction % 10)};
  *end++ = '.';
  const int used = digits[2] != '0' ? 3 : digits[1] != '0' ? 2 : 1;
  for (int i = 0; i < used; ++i) *end++ = digits[i];
  out.append(text, static_cast<std::size_t>(end - text));
  return true;
}

void append_number(std::string& out, double value) {
  constexpr double kExact = 9007199254740992.0;  // 2^53: below it integers are exact
  if (std::fabs(value) < kExact) {
    const auto whole = static_cast<std::int64_t>(value);
    if (static_cast<double>(whole) == value) return append_shortest(out, whole);
  }
  if (append_thousandths(out, value)) return;
  if (std::isnan(value)) {
    out += "NaN";
  } else if (std::isinf(value)) {
    out += value > 0 ? "+Inf" : "-Inf";
  } else {
    append_shortest(out, value);
  }
}

class Writer {
 public:
  Writer(ExpositionFormat format, std::string& out)
      : open_(format == ExpositionFormat::OpenMetrics100), out_(out) {}

  void family(const MetricFamily& family, std::string_view previous) {
    if (family.name != previous) header(family);
    for (const ClientMetric& metric : family.metric) {
      switch (family.type) {
        case MetricType::Counter: value(family, metric, metric.counter.value); break;
        case MetricType::Gauge: value(family, metric, metric.gauge.value); break;
        case MetricType::Untyped: value(family, metric, metric.untyped.value); break;
        case MetricType::Summary: summary(family, metric); break;
        case MetricType::Histogram: histogram(family, metric); break;
      }
    }
  }

 private:
  void header(const MetricFamily& family) {
    std::string_view name = family.name;
    std::string_view type = type_name(family.type);
    if (open_ && family.type == MetricType::Counter) {
      // OpenMetrics names a counter without the _total of its sample; what has no _total cannot be
      // a counter there, and renaming it would break every query.
      if (name.ends_with(kTotal)) {
        name.remove_suffix(kTotal.size());
      } else {
        type = "unknown";
      }
    }
    if (!family.help.empty()) {
      out_.append("# HELP ").append(name).push_back(' ');
      append_escaped(out_, family.help, open_ ? Quote::Escape : Quote::Keep);
      out_.push_back('\n');
    }
    out_.append("# TYPE ").append(name).append(" ").append(type).push_back('\n');
  }

  [[nodiscard]] std::string_view type_name(MetricType type) const {
    switch (type) {
      case MetricType::Counter: return "counter";
      case MetricType::Gauge: return "gauge";
      case MetricType::Summary: return "summary";
      case MetricType::Untyped: return open_ ? "unknown" : "untyped";
      case MetricType::Histogram: return "histogram";
    }
    return "untyped";
  }

  void value(const MetricFamily& family, const ClientMetric& metric, double number) {
    series(family.name, {}, metric);
    append_number(out_, number);
    end(metric);
  }

  void count(const MetricFamily& family, const ClientMetric& metric, std::uint64_t number) {
    series(family.name, "_count", metric);
    append_shortest(out_, number);
    end(metric);
  }

  void sum(const MetricFamily& family, const ClientMetric& metric, double number) {
    series(family.name, "_sum", metric);
    append_number(out_, number);
    end(metric);
  }

  void summary(const MetricFamily& family, const ClientMetric& metric) {
    for (const auto& quantile : metric.summary.quantile) {
      series(family.name, {}, metric, "quantile", quantile.quantile);
      append_number(out_, quantile.value);
      end(metric);
    }
    sum(family, metric, metric.summary.sample_sum);
    count(family, metric, metric.summary.sample_count);
  }

  void histogram(const MetricFamily& family, const ClientMetric& metric) {
    constexpr double kInfinity = std::numeric_limits<double>::infinity();
    const auto& buckets = metric.histogram.bucket;
    for (const auto& bucket : buckets) {
      this->bucket(family, metric, bucket.upper_bound, bucket.cumulative_count);
    }
    if (buckets.empty() || buckets.back().upper_bound != kInfinity) {
      this->bucket(family, metric, kInfinity, metric.histogram.sample_count);
    }
    sum(family, metric, metric.histogram.sample_sum);
    count(family, metric, metric.histogram.sample_count);
  }

  void bucket(const MetricFamily& family, const ClientMetric& metric, double bound,
              std::uint64_t number) {
    series(family.name, "_bucket", metric, "le", bound);
    append_shortest(out_, number);
    end(metric);
  }

  // name_suffix{labels, extra="bound"} and the space before the value.
  void series(std::string_view name, std::string_view suffix, const ClientMetric& metric,
              std::string_view extra = {}, double bound = 0) {
    out_.append(name).append(suffix);
    char separator = '{';
    for (const auto& label : metric.label) {
      out_.push_back(separator);
      out_.append(label.name).append("=\"");
      append_escaped(out_, label.value, Quote::Escape);
      out_.push_back('"');
      separator = ',';
    }
    if (!extra.empty()) {
      out_.push_back(separator);
      out_.append(extra).append("=\"");
      append_bound(bound);
      out_.push_back('"');
      separator = ',';
    }
    out_.append(separator == ',' ? "} " : " ");
  }

  // OpenMetrics' canonical form of le and quantile is a float: "1.0".
  void append_bound(double bound) {
    const std::size_t start = out_.size();
    append_number(out_, bound);
    const auto written = std::string_view(out_).substr(start);
    if (open_ && std::isfinite(bound) && written.find_first_of(".e") == std::string_view::npos) {
      out_ += ".0";
    }
  }

  void end(const ClientMetric& metric) {
    if (metric.timestamp_ms != 0) {
      out_.push_back(' ');
      if (open_) {
        append_number(out_, static_cast<double>(metric.timestamp_ms) / 1000.0);  // in seconds
      } else {
        append_shortest(out_, metric.timestamp_ms);
      }
    }
    out_.push_back('\n');
  }

  bool open_;
  std::string& out_;
};

}  // namespace

void write_exposition(std::span<const MetricFamily> families, ExpositionFormat format,
                      std::string& out) {
  Writer writer(format, out);
  std::string_view previous;
  for (const MetricFamily& family : families) {
    if (family.metric.empty()) continue;
    writer.family(family, previous);
    previous = family.name;
  }
}

void finish_exposition(ExpositionFormat format, std::string& out) {
  if (format == ExpositionFormat::OpenMetrics100) out += "# EOF\n";
}

std::string_view content_type(ExpositionFormat format) {
  switch (format) {
    case ExpositionFormat::Text004: return "text/plain; version=0.0.4; charset=utf-8";
    case ExpositionFormat::OpenMetrics100:
      return "application/openmetrics-text; version=1.0.0; charset=utf-8";
  }
  return "text/plain";
}

}  // namespace fieldmedic
