// What we write is read by Prometheus' own parser.
#include "common/exposition.hpp"

#include <unistd.h>

#include <limits>

#include "common/process_runner.hpp"
#include "tests/catch.hpp"
#include "tests/fakes/temp_tree.hpp"

using namespace fieldmedic;
using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

namespace {

// promtool reads standard input; the runner gives none, so a shell of the test's own redirects it.
Result<ProcessResult> check_metrics(std::string_view text) {
  const TempTree tree({{"metrics", std::string(text)}});
  LocalProcessRunner runner;
  Command command;
  command.argv = {"sh", "-c", "exec promtool check metrics < \"$1\"", "sh",
                  (tree.root / "metrics").string()};
  return runner.run(command, {});
}

bool promtool_is_missing() {
  if (access("/usr/bin/promtool", X_OK) == 0) return false;
  std::puts("SKIP: promtool is not installed");
  return true;
}

}  // namespace

TEST_CASE("exposition: promtool accepts every type and hostile labels") {
  if (promtool_is_missing()) return;
  ClientMetric plain;
  plain.label = {{"path", "a\"b\\c\nd"}, {"bytes", "\xFF\xC3 \xE4\xB8\xAD"}};
  plain.gauge.value = std::numeric_limits<double>::infinity();
  plain.counter.value = 1e300;
  ClientMetric spread;
  spread.histogram = {3, 0.30000000000000004, {{1, 0.5}, {2, 1}}};
  spread.summary = {3, 1e-9, {{0.5, std::numeric_limits<double>::quiet_NaN()}}};
  const std::vector<MetricFamily> families{
      {"requests_total", "With \\ and \"quotes\"\nand lines.", MetricType::Counter, {plain}},
      {"temperature_celsius", "A gauge.", MetricType::Gauge, {plain}},
      {"wait_seconds", "A histogram.", MetricType::Histogram, {spread}},
      {"size_bytes", "A summary.", MetricType::Summary, {spread}},
      {"raw", "Untyped.", MetricType::Untyped, {plain}}};
  std::string text;
  write_exposition(families, ExpositionFormat::Text004, text);
  const auto result = check_metrics(text);
  REQUIRE(result);
  INFO(text << result->out << result->err);
  CHECK(result->exit_code == 0);
}

TEST_CASE("exposition: promtool would notice a broken line") {
  if (promtool_is_missing()) return;
  const auto result = check_metrics("m{path=\"unclosed} 1\n");
  REQUIRE(result);
  CHECK(result->exit_code != 0);
}
