#include "common/prometheus_text.hpp"

#include <cmath>
#include <string>

#include "tests/catch.hpp"

using namespace fieldmedic;

TEST_CASE("prometheus text: types, labels, escapes and values are read") {
  const auto text = parse_prometheus_text(
      "# HELP a_total What \\\\ is\\nsaid.\n# TYPE a_total counter\n  "
      "a_total{x=\"q\\\"\\n\\\\\",y=\"\",} 1.5\n"
      "\n# a comment\nb +Inf\nc NaN 1234\n");
  REQUIRE(text);
  REQUIRE(text->families.size() == 3);
  const auto& a = text->families[0];
  CHECK(a.help == "What \\ is\nsaid.");
  CHECK(a.type == prometheus::MetricType::Counter);
  REQUIRE(a.metric.size() == 1);
  CHECK(a.metric[0].label[0].value == "q\"\n\\");
  CHECK(a.metric[0].counter.value == 1.5);
  CHECK(text->families[1].type == prometheus::MetricType::Untyped);
  CHECK(std::isinf(text->families[1].metric[0].untyped.value));
  CHECK(std::isnan(text->families[2].metric[0].untyped.value));
  CHECK(text->families[2].metric[0].timestamp_ms == 1234);
  CHECK(text->has_timestamps);
}

TEST_CASE("prometheus text: the parts of summaries and histograms come together") {
  const auto text = parse_prometheus_text(
      "# TYPE s summary\ns{k=\"1\",quantile=\"0.5\"} 1\ns_sum{k=\"1\"} 3\ns_count{k=\"1\"} 2\n"
      "# TYPE h histogram\nh_bucket{le=\"+Inf\"} 3\nh_bucket{le=\"1\"} 2\nh_sum 4\nh_count 3\n"
      "h_other 1\n");
  REQUIRE(text);
  REQUIRE(text->families.size() == 3);
  const auto& summary = text->families[0].metric.at(0);
  CHECK(text->families[0].metric.size() == 1);
  CHECK(summary.summary.quantile.at(0).value == 1);
  CHECK(summary.summary.sample_sum == 3);
  CHECK(summary.summary.sample_count == 2);
  const auto& histogram = text->families[1].metric.at(0).histogram;
  REQUIRE(histogram.bucket.size() == 2);
  CHECK(histogram.bucket[0].upper_bound == 1);
  CHECK(histogram.bucket[0].cumulative_count == 2);
  CHECK(histogram.sample_count == 3);
}

TEST_CASE("prometheus text: what Prometheus' own parser refuses is refused with its line") {
  for (const auto* odd : {"a 1",
                          "a\n",
                          "a \n",
                          "a 1 \n",
                          "a 1 2 3\n",
                          "a x\n",
                          "a{ 1\n",
                          "a{x} 1\n",
                          "a{x=1} 1\n",
                          "a{x=\"1} 1\n",
                          "a{x=\"\\q\"} 1\n",
                          "a{x=\"1\" y=\"2\"} 1\n",
                          "a{x=\"1\",x=\"2\"} 1\n",
                          "a{__name__=\"b\"} 1\n",
                          "a{1x=\"1\"} 1\n",
                          "1a 1\n",
                          "a-b 1\n",
                          "{x=\"1\"} 1\n",
                          "a{x=\"\xff\"} 1\n",
                          "# TYPE a\na 1\n",
                          "# TYPE a info\na 1\n",
                          "# TYPE a gauge \na 1\n",
                          "a 1\n# TYPE a gauge\n",
                          "# TYPE a gauge\n# TYPE a gauge\na 1\n",
                          "# HELP a x\n# HELP a x\na 1\n",
                          "# HELP a \\q\na 1\n",
                          "a 1\na 2\n",
                          "a{x=\"1\",y=\"2\"} 1\na{y=\"2\",x=\"1\"} 2\n",
                          "# TYPE s summary\ns 1\n",
                          "# TYPE s summary\ns_count -1\n",
                          "# TYPE h histogram\nh_bucket 1\n",
                          "# TYPE h histogram\nh_bucket{le=\"NaN\"} 1\n",
                          "# TYPE h histogram\nh 1\n",
                          "a 1e999\n",
                          "a +-1\n",
                          "a 1 1.5\n"}) {
    INFO(odd);
    const auto text = parse_prometheus_text(odd);
    REQUIRE_FALSE(text);
    CHECK(text.error().code == Errc::Malformed);
  }
  CHECK(parse_prometheus_text("a 1\n\nb x\n").error().message == "line 3: wanted a value, got 'x'");
}

TEST_CASE("prometheus text: nothing is nothing, and too much is refused") {
  const auto nothing = parse_prometheus_text("");
  REQUIRE(nothing);
  CHECK(nothing->families.empty());
  CHECK(parse_prometheus_text("# TYPE a gauge\n")->families.empty());
  std::string lines;
  for (std::size_t i = 0; i <= kMostTextSamples; ++i) {
    lines += "a{n=\"" + std::to_string(i) + "\"} 1\n";
  }
  const auto much = parse_prometheus_text(lines);
  REQUIRE_FALSE(much);
  CHECK(much.error().code == Errc::TooLarge);
}
