#include "remediator/core/window.hpp"

namespace fieldmedic::core {
namespace {

using std::chrono::days;

std::optional<Time> until(const Once& once, Time now) {
  if (now < once.begin || now >= once.end) return std::nullopt;
  return once.end;
}

bool begins_on(const Weekly& weekly, std::chrono::sys_days day) {
  return weekly.days.test(std::chrono::weekday(day).iso_encoding() - 1);
}

std::optional<Time> until(const Weekly& weekly, Time now) {
  const auto today = std::chrono::floor<days>(now);
  const Duration length =
      weekly.to > weekly.from ? weekly.to - weekly.from : weekly.to + days(1) - weekly.from;
  // Yesterday's may reach into today.
  for (const auto day : {today - days(1), today}) {
    const Time begin = day + weekly.from;
    if (begins_on(weekly, day) && now >= begin && now < begin + length) return begin + length;
  }
  return std::nullopt;
}

}  // namespace

std::optional<Time> inside_until(const Window& window, Time now) {
  return std::visit([now](const auto& when) { return until(when, now); }, window.when);
}

}  // namespace fieldmedic::core
