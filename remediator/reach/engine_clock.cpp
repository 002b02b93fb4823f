#include "remediator/reach/engine_clock.hpp"

#include <ctime>
#include <string>

#include <fmt/core.h>

#include "common/quote.hpp"

namespace fieldmedic {

Result<std::chrono::milliseconds> clock_ahead(std::string_view date, WallTime now) {
  const std::string text(date);
  std::tm parts{};
  const char* const end = strptime(text.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
  if (end == nullptr || *end != '\0')
    return fail(Errc::Malformed,
                fmt::format("the container engine does not tell its time but {}", quote(text)));
  const WallTime there(std::chrono::seconds(timegm(&parts)));
  const auto ahead = std::chrono::duration_cast<std::chrono::milliseconds>(there - now);
  return std::chrono::abs(ahead) < kClockSlack ? std::chrono::milliseconds(0) : ahead;
}

}  // namespace fieldmedic
