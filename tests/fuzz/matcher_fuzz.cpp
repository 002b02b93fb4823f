#include "common/matcher.hpp"
#include "tests/fuzz/text.hpp"

using namespace fieldmedic;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Labels labels{{"alertname", "CollectorDown"}, {"severity", "critical"}};
  if (const auto matcher = Matcher::parse(fuzz::text(data, size))) {
    static_cast<void>(matcher->matches(labels));
  }
  return 0;
}
