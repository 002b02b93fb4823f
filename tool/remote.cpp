#include "tool/remote.hpp"

#include <chrono>

#include <fmt/core.h>

#include "tool/json_text.hpp"

namespace fieldmedic::tool {
namespace {

constexpr std::size_t kMostAnswered = 64UL * 1024 * 1024;
constexpr std::chrono::seconds kPatience{60};  // a plan reads hosts

// What the remediator itself said, when it was one.
std::string said(const HttpResponse& response) {
  const auto answer = JsonText::parse(response.body);
  const std::string error = answer ? answer->text("error") : std::string();
  return error.empty() ? fmt::format("it answered HTTP {}", response.status) : error;
}

Error refusal(const ServerAccess& access, const HttpResponse& response) {
  const std::string text = said(response);
  switch (response.status) {
    case 400: return {Errc::Invalid, text};
    case 401:
      return {Errc::Denied,
              fmt::format("{} wants a user and a password that it knows: name them in "
                          "~/.config/fieldmedic.yml (username, password_file)",
                          access.url)};
    case 403: return {Errc::Denied, text};
    case 404: return {Errc::NotFound, text};
    case 409: return {Errc::Conflict, text};
    default: return {Errc::Unavailable, fmt::format("{}: {}", access.url, text)};
  }
}

}  // namespace

Result<std::string> ask_remediator(HttpClient& http, const ServerAccess& access, const Ask& ask) {
  HttpRequest request = access.request(ask.path);
  request.method = ask.method;
  request.body = ask.body;
  if (!ask.body.empty()) request.headers.emplace_back("Content-Type", "application/json");
  request.timeout = kPatience;
  request.body_limit = kMostAnswered;
  auto response = http.send(request, {});
  if (!response)
    return fail(Errc::Unavailable,
                fmt::format("the remediator does not answer: {}", response.error().message));
  if (response->status != 200) return fail(refusal(access, *response));
  return std::move(response->body);
}

}  // namespace fieldmedic::tool
