#include "remediator/notify/http_notifier.hpp"

#include <optional>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "common/config_fields.hpp"
#include "common/quote.hpp"
#include "common/secret.hpp"
#include "common/template.hpp"
#include "remediator/notify/body_encoding.hpp"
#include "remediator/notify/http_answer.hpp"
#include "remediator/notify/plain_text.hpp"

namespace fieldmedic {
namespace {

constexpr std::size_t kAnswerLimit = 64 * 1024;

// What the body of a 2xx must say.
struct SuccessRule {
  nlohmann::json::json_pointer pointer;
  std::string equals;
};

struct HttpNotifierConfig {
  HttpRequest request;  // all but the body
  Template body;
  BodyEncoding encoding = BodyEncoding::Json;
  std::optional<SuccessRule> success;
  Secret secret;  // whichever of the two, kept out of details
};

Result<std::string> field_of(std::string_view name, core::MessageId id,
                             const core::Message& message) {
  if (name == "message.title") return one_line(message.title);
  if (name == "message.text") return plain_text(message);
  if (name == "message.kind") return std::string(to_string(message.kind));
  if (name == "message.id") return std::to_string(id);
  return fail(Errc::Invalid, fmt::format("'{}' is none of message.title, message.text, "
                                         "message.kind, message.id",
                                         name));
}

Result<std::string> render(const Template& body, BodyEncoding encoding, core::MessageId id,
                           const core::Message& message) {
  return body.render([&](std::string_view name) -> Result<std::string> {
    auto value = field_of(name, id, message);
    return value ? encode_value(*value, encoding) : std::move(value);
  });
}

// A string as it is, anything else as its JSON: 0 equals "0".
std::string text_of(const nlohmann::json& value) {
  if (value.is_string()) return value.get<std::string>();
  return value.is_structured() ? "a " + std::string(value.type_name()) : value.dump();
}

DeliveryAnswer judge(const HttpNotifierConfig& config, const Result<HttpResponse>& response) {
  using core::Delivery;
  if (auto failed = failed_exchange(response)) return *std::move(failed);
  const auto http = fmt::format("HTTP {}", response->status);
  if (!config.success) return {Delivery::Delivered, {}, http};

  const auto body = nlohmann::json::parse(response->body, nullptr, false);
  const auto& rule = *config.success;
  // Not the gateway's word but that of something before it: a captive portal, a proxy's page.
  if (body.is_discarded()) return {Delivery::Retry, {}, http + ": the answer is not JSON"};
  if (!body.contains(rule.pointer))
    return {Delivery::Refused,
            {},
            fmt::format("{}: the answer has no {}", http, rule.pointer.to_string())};
  const std::string found = text_of(body.at(rule.pointer));
  if (found == rule.equals) return {Delivery::Delivered, {}, http};
  return {Delivery::Refused,
          {},
          fmt::format("{}: {} is '{}', not '{}'", http, rule.pointer.to_string(),
                      foreign_detail(found, config.secret), rule.equals)};
}

class HttpNotifier final : public Notifier {
 public:
  HttpNotifier(HttpNotifierConfig config, HttpClient& http)
      : config_(std::move(config)), http_(http) {}

  DeliveryAnswer deliver(core::MessageId id, const core::Message& message,
                         std::stop_token stop) override {
    auto body = render(config_.body, config_.encoding, id, message);
    if (!body) return {core::Delivery::Refused, {}, body.error().message};
    HttpRequest request = config_.request;
    request.body = *std::move(body);
    const auto response = http_.send(request, std::move(stop));
    // json_pointer's lookups throw on an index that is no number.
    try {
      return judge(config_, response);
    } catch (const nlohmann::json::exception& error) {
      return {core::Delivery::Refused, {}, foreign_detail(error.what(), config_.secret)};
    }
  }

 private:
  const HttpNotifierConfig config_;
  HttpClient& http_;
};

// ---- configuration ------------------------------------------------------------------------------

// Each reader answers whether its part is usable; what is not is recorded.

bool read_secret(const YamlMap& map, std::string_view key, Secret& secret) {
  const std::string file = read_required_path(map, key);
  if (file.empty()) return false;
  auto read = read_secret_file(file);
  if (!read) {
    map.error(key, fmt::format("'{}': {}", key, read.error().message));
    return false;
  }
  secret = *std::move(read);
  return true;
}

bool read_credentials(const YamlMap& map, HttpNotifierConfig& config) {
  if (map.has("bearer_file") && (map.has("username") || map.has("password_file"))) {
    for (const char* key : {"bearer_file", "username", "password_file"})
      (void)map.string(key, "");  // asked for, so not called unknown
    map.error("bearer_file",
              "'bearer_file' stands beside username and password_file; only one can be sent");
    return false;
  }
  if (map.has("bearer_file")) {
    if (!read_secret(map, "bearer_file", config.secret)) return false;
    config.request.bearer_token = config.secret;
  } else if (map.has("username") || map.has("password_file")) {
    const std::string username = map.string("username");
    if (!read_secret(map, "password_file", config.secret) || username.empty()) return false;
    config.request.basic_auth = BasicAuth{username, config.secret};
  }
  return true;
}

bool read_headers(const YamlMap& map, HttpRequest& request) {
  const YamlMap headers = map.map("headers");
  bool good = true;
  for (const auto& name : headers.keys()) {
    const std::string value = headers.string(name);
    const bool breaks_out =
        (name + value).find_first_of(std::string_view("\r\n\0", 3)) != std::string::npos;
    if (breaks_out || name.empty() || name.find_first_of(": \t") != std::string::npos) {
      headers.error(name, fmt::format("{} is not a header: one line, and a name without spaces",
                                      quote(name)));
      good = false;
    }
    request.headers.emplace_back(name, value);
  }
  headers.done();
  return good;
}

bool read_body(const YamlMap& map, HttpNotifierConfig& config) {
  const std::string type = map.string("content_type", "application/json");
  config.request.headers.emplace_back("Content-Type", type);
  const auto encoding = encoding_of(type);
  if (!encoding)
    map.error(
        "content_type",
        "'content_type' wants application/json, application/x-www-form-urlencoded or text/plain");
  auto body = Template::parse(map.string("body"));
  if (!body) map.error("body", "'body': " + body.error().message);
  if (!body || !encoding || !map.has("body")) return false;

  const core::Message sample{core::MessageKind::SelfAlert, "a \"title\"", {{"name", "value"}}};
  const auto rendered = render(*body, *encoding, 1, sample);
  if (!rendered) {
    map.error("body", "'body': " + rendered.error().message);
    return false;
  }
  if (*encoding == BodyEncoding::Json && !nlohmann::json::accept(*rendered)) {
    map.error("body", "'body' is not JSON; placeholders belong inside of its strings");
    return false;
  }
  config.body = *std::move(body);
  config.encoding = *encoding;
  return true;
}

bool read_success(const YamlMap& map, HttpNotifierConfig& config) {
  if (!map.has("success")) return true;
  const YamlMap success = map.map("success");
  const std::string pointer = success.string("json_pointer");
  const std::string equals = success.string("equals");
  success.done();
  try {
    config.success = SuccessRule{nlohmann::json::json_pointer(pointer), equals};
  } catch (const nlohmann::json::exception&) {
    success.error("json_pointer", "'json_pointer' wants a JSON pointer such as /Code");
    return false;
  }
  return true;
}

}  // namespace

std::unique_ptr<Notifier> read_http_notifier(const YamlMap& map, const NotifierTools& tools) {
  using namespace std::chrono_literals;
  HttpNotifierConfig config;
  map.require("url");
  config.request.url = read_url(map, "url");
  config.request.method = map.one_of("method", {"POST", "PUT"}, "POST");
  config.request.tls.ca_file = read_ca_file(map);
  config.request.timeout = read_bounded_duration(map, "timeout", 5s, {100ms, 60s});
  config.request.body_limit = kAnswerLimit;
  bool good = !config.request.url.empty();
  good = read_headers(map, config.request) && good;
  good = read_credentials(map, config) && good;
  good = read_body(map, config) && good;
  good = read_success(map, config) && good;
  map.done();
  if (!good) return nullptr;
  return std::make_unique<HttpNotifier>(std::move(config), tools.http);
}

}  // namespace fieldmedic
