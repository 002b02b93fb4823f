#include "remediator/reach/etcd_refusal.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include <fmt/core.h>

namespace fieldmedic {

namespace {

struct Meaning {
  std::string_view said;  // in etcd's words (3.4, 3.5), looked for and never shown
  std::string_view advice;
};

constexpr std::array kMeanings{
    Meaning{"user name is empty", "it has users: name one by user and password_file"},
    Meaning{"authentication failed",
            "it knows no such user, or another password than the one in password_file"},
    Meaning{"permission denied",
            "its user may not do that: grant it a role for the key, and for the record beside it"},
    Meaning{"CommonName of client",
            "once it has users, its gateway takes no client certificate with a common name: "
            "cert_file wants one without"},
    Meaning{"invalid auth token",
            "it does not believe the token that it gave: are its members of one cluster?"},
    Meaning{"HTTP request to an HTTPS server", "it speaks TLS: the URL wants https"},
};

bool says(const HttpResponse& response, std::string_view words) {
  return response.body.find(words) != std::string::npos;
}

}  // namespace

std::string explain_refusal(const std::string& url, const HttpResponse& response) {
  const auto* const meaning =
      std::ranges::find_if(kMeanings, [&](const Meaning& one) { return says(response, one.said); });
  if (meaning == kMeanings.end() || response.status == 200)
    return fmt::format("{} answers {} and nothing of etcd's", url, response.status);
  return fmt::format("{} answers {}: {}", url, response.status, meaning->advice);
}

bool knows_no_users(const HttpResponse& response) {
  return (response.status == 400 || response.status == 412) &&
         says(response, "authentication is not enabled");
}

}  // namespace fieldmedic
