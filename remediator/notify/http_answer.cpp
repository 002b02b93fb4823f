#include "remediator/notify/http_answer.hpp"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "common/utf8_cut.hpp"
#include "common/without_secret.hpp"
#include "remediator/notify/plain_text.hpp"

namespace fieldmedic {
namespace {

constexpr std::size_t kDetailBytes = 200;
constexpr std::chrono::seconds kMostRetryAfter{3'600};

// Of the two forms only the one in seconds; zero when there is none.
std::chrono::milliseconds retry_after(const HttpResponse& response) {
  for (const auto& [name, value] : response.headers) {
    unsigned seconds = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), seconds);
    if (name != "retry-after" || error != std::errc() || end != value.data() + value.size())
      continue;
    return std::min(std::chrono::seconds(seconds), kMostRetryAfter);
  }
  return std::chrono::milliseconds(0);
}

}  // namespace

std::optional<DeliveryAnswer> failed_exchange(const Result<HttpResponse>& response) {
  using core::Delivery;
  if (!response) return DeliveryAnswer{Delivery::Retry, {}, response.error().message};
  const int status = response->status;
  if (status >= 200 && status < 300) return std::nullopt;
  const bool may_pass = status >= 500 || status == 408 || status == 429;
  return DeliveryAnswer{may_pass ? Delivery::Retry : Delivery::Refused, retry_after(*response),
                        fmt::format("HTTP {}", status)};
}

std::string foreign_detail(std::string_view text, const Secret& secret) {
  const std::string line = without_secret(one_line(text), secret.reveal());
  return std::string(cut_utf8(line, kDetailBytes));
}

}  // namespace fieldmedic
