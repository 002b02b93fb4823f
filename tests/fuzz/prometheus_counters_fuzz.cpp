// The first line is a term, the rest the page.
#include <cmath>
#include <cstdlib>

#include "exporter/collector/prometheus_counters.hpp"
#include "tests/fuzz/text.hpp"

using namespace fieldmedic;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = fuzz::text(data, size);
  const auto end = std::min(text.find('\n'), text.size());
  const std::string term(text.substr(0, end));
  const auto page = text.substr(std::min(end + 1, text.size()));
  const auto reading =
      read_prometheus_counters(page, {.attempts = {term}, .failures = {term, "/x"}});
  if (!reading) return 0;
  if (!(reading->attempts >= 0) || !(*reading->failures <= reading->attempts)) std::abort();
  return 0;
}
