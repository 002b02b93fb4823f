#include "remediator/actions/http.hpp"

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "common/http_client.hpp"
#include "remediator/actions/http_answer_reading.hpp"
#include "remediator/actions/http_order.hpp"
#include "remediator/actions/placeholders.hpp"

namespace fieldmedic {

namespace {

using Json = nlohmann::json;
using Values = std::map<std::string, std::string, std::less<>>;

constexpr std::size_t kAnswerLimit = 64 * 1024;
constexpr std::string_view kAttempt = "attempt";

// Values hold only what validate_label_value allows, of which '/' alone would change the path.
std::string path_encoded(const std::string& value) {
  std::string encoded;
  for (const char c : value) encoded += c == '/' ? std::string("%2F") : std::string(1, c);
  return encoded;
}

// The values that the texts of an order need, by name.
Result<Values> values_for(const HttpOrder& order, const PlanRequest& request) {
  std::vector<std::string_view> texts{order.url, order.body};
  if (order.confirm) texts.push_back(order.confirm->url);
  Values values;
  for (const std::string_view text : texts) {
    const auto parsed = parse_placeholders(text, kAttempt);
    if (!parsed) return fail(parsed.error());
    for (const std::string& name : parsed->names()) {
      if (name == kAttempt) continue;
      auto value = placeholder_value(name, request);
      if (!value) return fail(value.error());
      values[name] = *std::move(value);
    }
  }
  return values;
}

// A segment of dots leads to another path than the one that is written: curl and servers resolve
// it, and some servers take %2F for a slash before they do.
bool leads_elsewhere(std::string url) {
  for (std::size_t at = 0; (at = url.find("%2F", at)) != std::string::npos;) {
    url.erase(at, 2);
    url[at] = '/';
  }
  url += '/';
  return url.contains("/./") || url.contains("/../");
}

enum class Place { Path, Body };

Result<std::string> fill(const std::string& text, const Values& values, Place place) {
  const auto parsed = Template::parse(text);
  if (!parsed) return fail(parsed.error());
  auto filled = parsed->render([&](std::string_view name) -> Result<std::string> {
    const auto value = values.find(name);
    if (value == values.end())
      return fail(Errc::Invalid, fmt::format("the plan has no value for '{}'", name));
    return place == Place::Path ? path_encoded(value->second) : value->second;
  });
  if (filled && place == Place::Path && leads_elsewhere(*filled))
    return fail(Errc::Invalid, fmt::format("{}: its path has a part '.' or '..'", *filled));
  return filled;
}

// A request with the credentials of the order, and every secret that it carries.
struct Prepared {
  HttpRequest request;
  std::vector<Secret> secrets;
};

Result<Prepared> prepare(const HttpOrder& order, const ApplyRequest& asked) {
  Prepared prepared;
  HttpRequest& request = prepared.request;
  request.timeout = asked.timeout;
  request.body_limit = kAnswerLimit;
  request.tls.ca_file = order.ca_file;
  request.headers.assign(order.headers.begin(), order.headers.end());
  request.headers.emplace_back("Idempotency-Key", asked.attempt);
  for (const auto& [name, file] : order.header_files) {
    const auto secret = read_secret_file(file);
    if (!secret) return fail(secret.error());
    request.headers.emplace_back(name, secret->reveal());
    prepared.secrets.push_back(*secret);
  }
  const std::string& file = order.bearer_file.empty() ? order.password_file : order.bearer_file;
  if (file.empty()) return prepared;
  const auto secret = read_secret_file(file);
  if (!secret) return fail(secret.error());
  prepared.secrets.push_back(*secret);
  if (order.bearer_file.empty())
    request.basic_auth = BasicAuth{order.username, *secret};
  else
    request.bearer_token = *secret;
  return prepared;
}

// Whether the request cannot have reached the far side.
bool never_sent(Errc code) {
  switch (code) {
    case Errc::Invalid:
    case Errc::NotFound:
    case Errc::Unavailable: return true;
    case Errc::Denied:
    case Errc::Conflict:
    case Errc::Malformed:
    case Errc::Timeout:
    case Errc::TooLarge:
    case Errc::Full:
    case Errc::Io:
    case Errc::Cancelled: return false;
  }
  return false;
}

Result<Values> journaled_values(const ApplyRequest& request) {
  try {
    auto values =
        Json::parse(request.plan.steps.at(request.step).wanted).at("values").get<Values>();
    values[std::string(kAttempt)] = request.attempt;
    return values;
  } catch (const Json::exception& error) {
    return fail(Errc::Invalid, fmt::format("no http step: {}", error.what()));
  }
}

core::Applied applied_of(HttpVerdict verdict) {
  switch (verdict) {
    case HttpVerdict::AsWanted: return core::Applied::Done;
    case HttpVerdict::Otherwise: return core::Applied::Refused;
    case HttpVerdict::Unclear: return core::Applied::Unknown;
  }
  return core::Applied::Unknown;
}

class Http final : public Action {
 public:
  Http(HttpOrder order, const ActionTools& tools) : order_(std::move(order)), tools_(tools) {}

  Result<core::Plan> plan(const PlanRequest& request, std::stop_token) override {
    const auto values = values_for(order_, request);
    if (!values) return fail(values.error());
    const auto url = fill(order_.url, *values, Place::Path);
    if (!url) return fail(url.error());
    core::Plan plan;
    plan.summary = fmt::format("{} {}", order_.method, *url);
    plan.steps.push_back(
        {.name = plan.summary,
         .seen = "{}",
         .wanted = Json{{"method", order_.method}, {"url", *url}, {"values", *values}}.dump(),
         .confirmable = order_.confirm ? core::Confirmable::Yes : core::Confirmable::AtMostOnce});
    plan.resources = whole_hosts(request.target, *tools_.inventory);
    return plan;
  }

  ApplyAnswer apply(const ApplyRequest& asked, std::stop_token stop) override {
    auto prepared = prepared_order(asked);
    if (!prepared) return {core::Applied::Refused, prepared.error().message};
    if (stop.stop_requested()) return cancelled_before_change();
    const auto response = tools_.http->send(prepared->request, std::move(stop));
    if (!response)
      return {never_sent(response.error().code) ? core::Applied::Refused : core::Applied::Unknown,
              response.error().message};
    HttpReading reading = read_answer(order_.wanted, *response, prepared->secrets);
    return {applied_of(reading.verdict), std::move(reading.evidence)};
  }

  ConfirmAnswer confirm(const ApplyRequest& asked, std::stop_token stop) override {
    using core::Confirmed;
    if (!order_.confirm) return {Confirmed::Unknown, "what it did cannot be told by looking"};
    auto prepared = prepared_confirm(asked);
    if (!prepared) return {Confirmed::Unknown, prepared.error().message};
    const auto response = tools_.http->send(prepared->request, std::move(stop));
    if (!response) return {Confirmed::Unknown, response.error().message};
    HttpReading reading = read_answer(order_.confirm->wanted, *response, prepared->secrets);
    if (reading.verdict == HttpVerdict::AsWanted)
      return {Confirmed::Applied, std::move(reading.evidence)};
    if (!reading.found.empty() &&
        std::ranges::find(order_.confirm->failed, reading.found) != order_.confirm->failed.end())
      return {Confirmed::NotApplied, std::move(reading.evidence)};
    // Neither what is wanted nor what is declared as failed: it may still come.
    return {Confirmed::Unknown, std::move(reading.evidence)};
  }

 private:
  [[nodiscard]] Result<Prepared> prepared_order(const ApplyRequest& asked) const {
    const auto values = journaled_values(asked);
    if (!values) return fail(values.error());
    auto prepared = prepare(order_, asked);
    if (!prepared) return prepared;
    auto url = fill(order_.url, *values, Place::Path);
    if (!url) return fail(url.error());
    auto body = fill(order_.body, *values, Place::Body);
    if (!body) return fail(body.error());
    prepared->request.method = order_.method;
    prepared->request.url = *std::move(url);
    prepared->request.body = *std::move(body);
    prepared->request.headers.emplace_back("Content-Type", order_.content_type);
    return prepared;
  }

  [[nodiscard]] Result<Prepared> prepared_confirm(const ApplyRequest& asked) const {
    const auto values = journaled_values(asked);
    if (!values) return fail(values.error());
    auto prepared = prepare(order_, asked);
    if (!prepared) return prepared;
    auto url = fill(order_.confirm->url, *values, Place::Path);
    if (!url) return fail(url.error());
    prepared->request.url = *std::move(url);
    return prepared;
  }

  HttpOrder order_;
  ActionTools tools_;
};

}  // namespace

std::string read_http(const YamlMap& arguments) {
  const HttpOrder order = read_http_order(arguments);
  // What is no boolean was told as such, and is no second fault.
  const bool declared =
      arguments.boolean("at_most_once", arguments.has("at_most_once") && !order.confirm);
  if (declared && order.confirm)
    arguments.error("at_most_once", "'at_most_once' stands beside 'confirm', which tells");
  if (!declared && !order.confirm)
    arguments.error("at_most_once",
                    "http wants 'confirm', or 'at_most_once: true': what it does cannot be "
                    "confirmed then, so after a crash a person decides");
  return http_order_json(order);
}

Result<std::unique_ptr<Action>> make_http(const std::string& arguments, const ActionTools& tools) {
  auto order = parse_http_order(arguments);
  if (!order) return fail(order.error());
  if (tools.http == nullptr) return fail(Errc::Invalid, "http has no client here");
  return std::make_unique<Http>(*std::move(order), tools);
}

}  // namespace fieldmedic
