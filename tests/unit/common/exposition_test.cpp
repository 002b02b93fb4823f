#include "common/exposition.hpp"

#include <cmath>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <random>

#include <libdeflate.h>

#include "tests/catch.hpp"

using namespace fieldmedic;
using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

namespace {

ClientMetric gauge(double value, std::vector<ClientMetric::Label> labels = {}) {
  ClientMetric metric;
  metric.label = std::move(labels);
  metric.gauge.value = value;
  return metric;
}

ClientMetric counter(double value) {
  ClientMetric metric;
  metric.counter.value = value;
  return metric;
}

std::string written(const std::vector<MetricFamily>& families,
                    ExpositionFormat format = ExpositionFormat::Text004) {
  std::string out;
  write_exposition(families, format, out);
  return out;
}

std::string number(double value) {
  const auto text = written({{"m", "", MetricType::Gauge, {gauge(value)}}});
  const std::string start = "# TYPE m gauge\nm ";
  REQUIRE(text.starts_with(start));
  return text.substr(start.size(), text.size() - start.size() - 1);
}

}  // namespace

TEST_CASE("exposition: numbers are written as Prometheus reads them") {
  CHECK(number(0) == "0");
  CHECK(number(-17) == "-17");
  CHECK(number(4096) == "4096");
  CHECK(number(9007199254740991.0) == "9007199254740991");
  CHECK(number(0.1) == "0.1");
  CHECK(number(std::numeric_limits<double>::infinity()) == "+Inf");
  CHECK(number(-std::numeric_limits<double>::infinity()) == "-Inf");
  CHECK(number(std::nan("")) == "NaN");
}

TEST_CASE("exposition: every finite double reads back as itself") {
  std::mt19937_64 random(20261123);
  for (int i = 0; i < 20'000; ++i) {
    const auto bits = random();
    double value = 0;
    std::memcpy(&value, &bits, sizeof value);
    if (!std::isfinite(value)) continue;
    if (i % 2 == 0) value = std::floor(std::fmod(value, 1e17));
    REQUIRE(std::strtod(number(value).c_str(), nullptr) == value);
  }
  for (const double value :
       {std::numeric_limits<double>::max(), std::numeric_limits<double>::denorm_min(),
        9007199254740992.0, 1e15, -9007199254740993.0, 1e22, 0.30000000000000004}) {
    CHECK(std::strtod(number(value).c_str(), nullptr) == value);
  }
}

TEST_CASE("exposition: numbers of few decimals are written in the shortest form") {
  CHECK(number(0.5) == "0.5");
  CHECK(number(-0.001) == "-0.001");
  CHECK(number(12345.67) == "12345.67");
  CHECK(number(0.0015) == "0.0015");
  CHECK(number(9007199254.741) == "9007199254.741");
  std::mt19937_64 random(7);
  for (int i = 0; i < 20'000; ++i) {
    const auto whole = static_cast<double>(random() >> (11 + i % 40));
    for (const double divisor : {10.0, 100.0, 1000.0, 1024.0, 3.0}) {
      const double value = whole / divisor;
      REQUIRE(std::strtod(number(value).c_str(), nullptr) == value);
    }
  }
}

TEST_CASE("exposition: hostile label values and help cannot forge a line") {
  const std::string value = "a\"b\\c\nd 1\nforged 1";
  const auto text = written(
      {{"m", "help \\ \"quoted\"\nforged 2", MetricType::Gauge, {gauge(1, {{"path", value}})}}});
  CHECK(text ==
        "# HELP m help \\\\ \"quoted\"\\nforged 2\n"
        "# TYPE m gauge\n"
        "m{path=\"a\\\"b\\\\c\\nd 1\\nforged 1\"} 1\n");
}

TEST_CASE("exposition: bytes that are no UTF-8 and NUL become the replacement character") {
  using namespace std::string_literals;
  const auto text =
      written({{"m", "", MetricType::Gauge, {gauge(1, {{"p", "\xE4\xB8\xAD\xFF\xC3x\0y"s}})}}});
  CHECK(text == "# TYPE m gauge\nm{p=\"\xE4\xB8\xAD\xEF\xBF\xBD\xEF\xBF\xBDx\xEF\xBF\xBDy\"} 1\n");
}

TEST_CASE("exposition: OpenMetrics escapes quotes in help too") {
  const auto text =
      written({{"m", "a \"b\"", MetricType::Gauge, {gauge(1)}}}, ExpositionFormat::OpenMetrics100);
  CHECK(text == "# HELP m a \\\"b\\\"\n# TYPE m gauge\nm 1\n");
}

TEST_CASE("exposition: OpenMetrics names a counter without total and its sample with it") {
  const std::vector<MetricFamily> families{
      {"requests_total", "Requests.", MetricType::Counter, {counter(3)}},
      {"node_intr", "Not named as a counter.", MetricType::Counter, {counter(4)}},
      {"raw", "Untyped.", MetricType::Untyped, {ClientMetric{}}}};
  CHECK(written(families) ==
        "# HELP requests_total Requests.\n# TYPE requests_total counter\nrequests_total 3\n"
        "# HELP node_intr Not named as a counter.\n# TYPE node_intr counter\nnode_intr 4\n"
        "# HELP raw Untyped.\n# TYPE raw untyped\nraw 0\n");
  CHECK(written(families, ExpositionFormat::OpenMetrics100) ==
        "# HELP requests Requests.\n# TYPE requests counter\nrequests_total 3\n"
        "# HELP node_intr Not named as a counter.\n# TYPE node_intr unknown\nnode_intr 4\n"
        "# HELP raw Untyped.\n# TYPE raw unknown\nraw 0\n");
}

TEST_CASE("exposition: a histogram ends with the bucket of everything") {
  ClientMetric metric;
  metric.label = {{"a", "b"}};
  metric.histogram = {5, 7.5, {{2, 1.0}, {4, 2.5}}};
  const std::vector<MetricFamily> families{{"h", "", MetricType::Histogram, {metric}}};
  CHECK(written(families) ==
        "# TYPE h histogram\nh_bucket{a=\"b\",le=\"1\"} 2\nh_bucket{a=\"b\",le=\"2.5\"} 4\n"
        "h_bucket{a=\"b\",le=\"+Inf\"} 5\nh_sum{a=\"b\"} 7.5\nh_count{a=\"b\"} 5\n");
  CHECK(written(families, ExpositionFormat::OpenMetrics100) ==
        "# TYPE h histogram\nh_bucket{a=\"b\",le=\"1.0\"} 2\nh_bucket{a=\"b\",le=\"2.5\"} 4\n"
        "h_bucket{a=\"b\",le=\"+Inf\"} 5\nh_sum{a=\"b\"} 7.5\nh_count{a=\"b\"} 5\n");
}

TEST_CASE("exposition: a summary writes its quantiles then sum and count") {
  ClientMetric metric;
  metric.summary = {4, 10, {{0.5, 2}, {1, 4}}};
  CHECK(written({{"s", "", MetricType::Summary, {metric}}}) ==
        "# TYPE s summary\ns{quantile=\"0.5\"} 2\ns{quantile=\"1\"} 4\ns_sum 10\ns_count 4\n");
}

TEST_CASE("exposition: timestamps are milliseconds in text and seconds in OpenMetrics") {
  auto metric = gauge(1);
  metric.timestamp_ms = 1'795'000'000'250;
  const std::vector<MetricFamily> families{{"m", "", MetricType::Gauge, {metric}}};
  CHECK(written(families) == "# TYPE m gauge\nm 1 1795000000250\n");
  CHECK(written(families, ExpositionFormat::OpenMetrics100) ==
        "# TYPE m gauge\nm 1 1795000000.25\n");
}

TEST_CASE("exposition: adjacent families of one name share a header and empty ones have none") {
  CHECK(written({{"m", "H.", MetricType::Gauge, {gauge(1)}},
                 {"empty", "H.", MetricType::Gauge, {}},
                 {"m", "H.", MetricType::Gauge, {gauge(2, {{"a", "b"}})}}}) ==
        "# HELP m H.\n# TYPE m gauge\nm 1\nm{a=\"b\"} 2\n");
}

TEST_CASE("exposition: only OpenMetrics has an end") {
  std::string out;
  finish_exposition(ExpositionFormat::Text004, out);
  CHECK(out.empty());
  finish_exposition(ExpositionFormat::OpenMetrics100, out);
  CHECK(out == "# EOF\n");
}

TEST_CASE("exposition: the format is the one with the highest q that we serve") {
  const auto open = ExpositionFormat::OpenMetrics100;
  const auto text = ExpositionFormat::Text004;
  CHECK(negotiate_format("") == text);
  CHECK(negotiate_format("*/*") == text);
  CHECK(negotiate_format("application/json") == text);
  // Prometheus 2.42
  CHECK(negotiate_format("application/openmetrics-text;version=1.0.0,"
                         "application/openmetrics-text;version=0.0.1;q=0.75,"
                         "text/plain;version=0.0.4;q=0.5,*/*;q=0.1") == open);
  CHECK(negotiate_format("application/openmetrics-text;q=0.4, text/plain;q=0.5") == text);
  CHECK(negotiate_format("Application/OpenMetrics-Text ; version=1.0.0 ; Q=0.9,text/plain;q=0.5") ==
        open);
  CHECK(negotiate_format("application/openmetrics-text;version=2.0.0") == text);
  CHECK(negotiate_format("application/openmetrics-text;q=0") == text);
  CHECK(negotiate_format("application/openmetrics-text;q=soon") == text);
  CHECK(negotiate_format(";;,,;q=,=") == text);
}

TEST_CASE("exposition: gzip is taken when its own q or that of the star is not zero") {
  CHECK(accepts_gzip("gzip"));
  CHECK(accepts_gzip("deflate, GZIP;q=0.5"));
  CHECK(accepts_gzip("*"));
  CHECK_FALSE(accepts_gzip(""));
  CHECK_FALSE(accepts_gzip("identity"));
  CHECK_FALSE(accepts_gzip("gzip;q=0"));
  CHECK_FALSE(accepts_gzip("gzip;q=0.000, *"));
  CHECK_FALSE(accepts_gzip("*;q=0"));
}

TEST_CASE("exposition: gzip reads back as it was") {
  std::string data;
  for (int i = 0; i < 5'000; ++i)
    data += "node_cpu_seconds_total{cpu=\"" + std::to_string(i) + "\"} 1\n";
  const auto packed = gzip(data);
  REQUIRE(packed);
  CHECK(packed->size() < data.size() / 4);
  std::string back(data.size(), '\0');
  auto* decompressor = libdeflate_alloc_decompressor();
  const auto result = libdeflate_gzip_decompress(decompressor, packed->data(), packed->size(),
                                                 back.data(), back.size(), nullptr);
  libdeflate_free_decompressor(decompressor);
  CHECK(result == LIBDEFLATE_SUCCESS);
  CHECK(back == data);
  CHECK(gzip("").has_value());
}
