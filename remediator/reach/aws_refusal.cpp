#include "remediator/reach/aws_refusal.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/chrono.h>
#include <fmt/core.h>
#include <pugixml.hpp>

#include "common/redact_text.hpp"
#include "common/without_secret.hpp"

namespace fieldmedic {

namespace {

constexpr std::size_t kMostShown = 300;

struct Known {
  std::string_view code;  // of <Error>
  Errc kind;
  std::string_view advice;
};

constexpr std::string_view kSlower = "it asks to be asked less often";
constexpr std::string_view kClock = "set this host's clock right (NTP)";
constexpr std::string_view kExpired = "these credentials have expired; renew them";
constexpr std::string_view kKeys = "these are no credentials that it knows";
constexpr std::string_view kBusy = "another change of it is under way";

constexpr std::array kKnown{
    Known{"Throttling", Errc::Unavailable, kSlower},
    Known{"ThrottlingException", Errc::Unavailable, kSlower},
    Known{"RequestThrottled", Errc::Unavailable, kSlower},
    Known{"RequestThrottledException", Errc::Unavailable, kSlower},
    Known{"RequestLimitExceeded", Errc::Unavailable, kSlower},
    Known{"ScalingActivityInProgress", Errc::Conflict, kBusy},
    Known{"ResourceContention", Errc::Conflict, kBusy},
    Known{"RequestExpired", Errc::Denied, kClock},
    Known{"RequestTimeTooSkewed", Errc::Denied, kClock},
    Known{"ExpiredToken", Errc::Denied, kExpired},
    Known{"ExpiredTokenException", Errc::Denied, kExpired},
    Known{"InvalidClientTokenId", Errc::Denied, kKeys},
    Known{"UnrecognizedClientException", Errc::Denied, kKeys},
    Known{"MissingAuthenticationToken", Errc::Denied, kKeys},
    Known{"OptInRequired", Errc::Denied, kKeys},
    Known{"SignatureDoesNotMatch", Errc::Denied,
          "the secret access key does not fit, or the region or the endpoint is another"},
    Known{"AccessDenied", Errc::Denied,
          "give the role this action (docs/actions.md has the policy)"},
    Known{"AccessDeniedException", Errc::Denied,
          "give the role this action (docs/actions.md has the policy)"},
    Known{"ValidationError", Errc::Invalid, ""},
};

Errc kind_of(int status) {
  if (status == 429) return Errc::Unavailable;
  if (status == 401 || status == 403) return Errc::Denied;
  // A redirect, and what a server says that failed: who knows.
  return status >= 400 && status < 500 && status != 408 ? Errc::Invalid : Errc::Io;
}

// A server that lies may say our own secrets: they go before the text is cut.
std::string shown(std::string_view said, const AwsCredentials& credentials) {
  std::string text(said);
  for (const std::string* secret :
       {&credentials.secret_access_key.reveal(), &credentials.session_token.reveal(),
        &credentials.access_key_id})
    text = without_secret(std::move(text), *secret);
  return shown_line(text, kMostShown);
}

std::string header(const HttpResponse& answer, std::string_view name) {
  const auto found =
      std::ranges::find(answer.headers, name, &std::pair<std::string, std::string>::first);
  return found == answer.headers.end() ? std::string() : found->second;
}

std::string both_clocks(const HttpResponse& answer, const AwsCredentials& credentials,
                        WallTime now) {
  const std::time_t ours = std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count();
  return fmt::format(": here it is {:%a, %d %b %Y %H:%M:%S} GMT, there {}", fmt::gmtime(ours),
                     shown(header(answer, "date"), credentials));
}

}  // namespace

Error explain_aws_refusal(const HttpResponse& answer, std::string_view asked,
                          const AwsCredentials& credentials, WallTime now) {
  pugi::xml_document document;
  document.load_buffer(answer.body.data(), answer.body.size(),
                       pugi::parse_minimal | pugi::parse_escapes, pugi::encoding_utf8);
  const pugi::xml_node error = document.child("ErrorResponse").child("Error");
  const std::string_view code = error.child_value("Code");
  const std::string_view message = error.child_value("Message");
  const auto known = std::ranges::find(kKnown, code, &Known::code);
  Error refusal{kind_of(answer.status), fmt::format("{}: AWS answered {} {}", asked, answer.status,
                                                    shown(code, credentials))};
  if (known != kKnown.end()) {
    refusal.code = known->kind;
    const bool of_the_clock = known->advice == kClock || message.contains("Signature expired") ||
                              message.contains("Signature not yet current");
    const std::string_view advice = of_the_clock ? kClock : known->advice;
    if (!advice.empty()) refusal.message += fmt::format(": {}", advice);
    if (of_the_clock) refusal.message += both_clocks(answer, credentials, now);
  }
  const std::string said = shown(error ? message : std::string_view(answer.body), credentials);
  if (!said.empty()) refusal.message += fmt::format(" ({})", said);
  return refusal;
}

}  // namespace fieldmedic
