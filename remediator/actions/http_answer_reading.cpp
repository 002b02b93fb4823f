#include "remediator/actions/http_answer_reading.hpp"

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "common/redact_text.hpp"

namespace fieldmedic {

namespace {

using Json = nlohmann::json;

constexpr std::size_t kMostShown = 200;

// What the far side sent may hold what we sent it.
std::string shown(std::string text, const std::vector<Secret>& secrets) {
  constexpr std::string_view kHidden = "***";
  for (const Secret& secret : secrets) {
    const std::string& hidden = secret.reveal();
    if (hidden.empty()) continue;
    for (std::size_t at = 0; (at = text.find(hidden, at)) != std::string::npos;
         at += kHidden.size())
      text.replace(at, hidden.size(), kHidden);
  }
  return shown_line(redact_text(text), kMostShown);
}

// A string as it is, anything else as its JSON: 0 equals "0".
std::string text_of(const Json& value) {
  if (value.is_string()) return value.get<std::string>();
  return value.is_structured() ? "a " + std::string(value.type_name()) : value.dump();
}

// A 4xx says that the order was not taken, but for those after which it may still be carried out.
HttpVerdict verdict_of(int status) {
  constexpr int kRequestTimeout = 408;
  constexpr int kConflict = 409;
  const bool refused = status >= 400 && status < 500;
  if (refused && status != kRequestTimeout && status != kConflict) return HttpVerdict::Otherwise;
  return HttpVerdict::Unclear;
}

HttpReading read_value(const HttpWanted& wanted, const HttpResponse& response,
                       const std::vector<Secret>& secrets) {
  const std::string http = fmt::format("HTTP {}", response.status);
  const Json body = Json::parse(response.body, nullptr, false);
  if (body.is_discarded()) return {HttpVerdict::Unclear, {}, http + ", and no JSON"};
  const Json::json_pointer pointer(wanted.json_pointer);
  if (!body.contains(pointer))
    return {HttpVerdict::Unclear, {}, fmt::format("{}, without {}", http, wanted.json_pointer)};
  std::string found = text_of(body.at(pointer));
  if (found == wanted.equals)
    return {HttpVerdict::AsWanted, found,
            fmt::format("{}, {} is '{}'", http, wanted.json_pointer, wanted.equals)};
  const std::string evidence = fmt::format("{}, {} is '{}', not '{}'", http, wanted.json_pointer,
                                           shown(found, secrets), wanted.equals);
  return {HttpVerdict::Otherwise, std::move(found), evidence};
}

}  // namespace

HttpReading read_answer(const HttpWanted& wanted, const HttpResponse& response,
                        const std::vector<Secret>& secrets) {
  const bool as_wanted = wanted.status == 0 ? response.status >= 200 && response.status < 300
                                            : response.status == wanted.status;
  if (!as_wanted) return {verdict_of(response.status), {}, fmt::format("HTTP {}", response.status)};
  if (wanted.json_pointer.empty() && wanted.equals.empty())
    return {HttpVerdict::AsWanted, {}, fmt::format("HTTP {}", response.status)};
  // json_pointer's look-ups throw on an index that is no number.
  try {
    return read_value(wanted, response, secrets);
  } catch (const Json::exception&) {
    return {HttpVerdict::Unclear,
            {},
            fmt::format("HTTP {}, without {}", response.status, wanted.json_pointer)};
  }
}

}  // namespace fieldmedic
