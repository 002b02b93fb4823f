#include "common/crash_point.hpp"

#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <string>

namespace fieldmedic {
namespace {

struct Wanted {
  std::string place;  // empty: none
  int nth = 1;
};

const Wanted& wanted() {
  static const Wanted read = [] {
    const char* value = std::getenv("FIELDMEDIC_CRASH_AT");
    Wanted want{value == nullptr ? "" : value};
    if (const auto mark = want.place.find('#'); mark != std::string::npos) {
      const char* end = want.place.data() + want.place.size();
      std::from_chars(want.place.data() + mark + 1, end, want.nth);
      want.place.resize(mark);
    }
    return want;
  }();
  return read;
}

void show(std::string_view place, std::string_view detail) {
  std::fprintf(stderr, "crash point %.*s:%.*s\n", static_cast<int>(place.size()), place.data(),
               static_cast<int>(detail.size()), detail.data());
}

}  // namespace

void crash_point(std::string_view place, std::string_view detail) {
  const std::string_view want = wanted().place;
  if (want.empty()) return;
  if (want == "?") return show(place, detail);
  if (!want.starts_with(place)) return;
  const std::string_view rest = want.substr(place.size());
  if (!rest.empty() && (rest.front() != ':' || rest.substr(1) != detail)) return;
  static std::atomic<int> passed = 0;
  if (++passed == wanted().nth) kill(getpid(), SIGKILL);
}

}  // namespace fieldmedic
