#include "remediator/reach/kubernetes_status.hpp"

#include <algorithm>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "common/utf8_cut.hpp"

namespace fieldmedic {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kMostShown = 300;

std::string text_of(const Json& object, const char* key) {
  if (!object.is_object()) return {};
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

// The beginning of a text, and at least what is shown of it. A server that lies may say our own
// secret: it is taken out before the text is cut, since a part of it would not be known again.
std::string without(std::string_view text, const Secret& secret) {
  if (secret.empty()) return std::string(text);
  std::string left;
  while (left.size() <= kMostShown) {
    const auto at = text.find(secret.reveal());
    left += text.substr(0, std::min(at, kMostShown + 1));
    if (at == std::string_view::npos) break;
    left += "…";
    text.remove_prefix(at + secret.reveal().size());
  }
  return left;
}

std::string shown(std::string_view text, const Secret& secret) {
  std::string line(cut_utf8(without(text, secret), kMostShown));
  std::ranges::replace_if(
      line, [](char c) { return static_cast<unsigned char>(c) < ' ' || c == 0x7f; }, ' ');
  return line;
}

// Whether it is the object that is not there, not the API (or some other server answered).
bool names_an_object(const Json& status) {
  return text_of(status, "kind") == "Status" && status.contains("details") &&
         !text_of(status["details"], "name").empty();
}

Errc kind_of(int status) {
  switch (status) {
    case 401:
    case 403: return Errc::Denied;
    case 404: return Errc::NotFound;
    case 409: return Errc::Conflict;
    case 410:
    case 429: return Errc::Unavailable;
    case 400:
    case 405:
    case 413:
    case 415:
    case 422: return Errc::Invalid;
    default: return status >= 300 && status < 400 ? Errc::Invalid : Errc::Io;
  }
}

std::string_view what_to_do(int status) {
  switch (status) {
    case 401: return ": give it a token or a client certificate that is still valid";
    case 403: return ": give the role this verb (docs/actions.md has the manifest)";
    case 409: return ": it changed meanwhile";
    case 410: return ": what it was asked for is too old, ask anew";
    case 422: return ": the change was found invalid";
    default: break;
  }
  if (status >= 300 && status < 400)
    return ": a redirect is not followed, name the API server itself";
  return "";
}

std::string retry_after(const HttpResponse& answer, const Secret& secret) {
  const auto found =
      std::ranges::find(answer.headers, "retry-after", &std::pair<std::string, std::string>::first);
  if (found == answer.headers.end()) return {};
  return fmt::format(", to be asked again after {} s", shown(found->second, secret));
}

}  // namespace

Error explain_refusal(const HttpResponse& answer, std::string_view asked, const Secret& secret) {
  const Json status = Json::parse(answer.body, nullptr, false);
  const bool is_status = text_of(status, "kind") == "Status";
  const std::string message = is_status ? text_of(status, "message") : answer.body;
  const std::string reason = is_status ? text_of(status, "reason") : std::string();
  std::string text = fmt::format("{}: the API server answered {}{}{}{}{}", asked, answer.status,
                                 reason.empty() ? "" : " ", shown(reason, secret),
                                 retry_after(answer, secret), what_to_do(answer.status));
  if (!message.empty()) text += fmt::format(" ({})", shown(message, secret));
  const bool no_object = answer.status == 404 && !names_an_object(status);
  if (no_object) text += "; is it a Kubernetes API server that serves this?";
  return {no_object ? Errc::Invalid : kind_of(answer.status), std::move(text)};
}

std::optional<std::string> budget_that_forbids(const HttpResponse& answer, const Secret& secret) {
  if (answer.status != 429) return std::nullopt;
  const Json status = Json::parse(answer.body, nullptr, false);
  if (!status.is_object() || !status.contains("details")) return std::nullopt;
  const Json& details = status["details"];
  if (!details.is_object() || !details.contains("causes") || !details["causes"].is_array())
    return std::nullopt;
  for (const Json& cause : details["causes"])
    if (text_of(cause, "reason") == "DisruptionBudget")
      return shown(text_of(cause, "message"), secret);
  return std::nullopt;
}

}  // namespace fieldmedic
