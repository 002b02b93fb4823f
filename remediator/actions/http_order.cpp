#include "remediator/actions/http_order.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "common/config_fields.hpp"
#include "common/quote.hpp"
#include "common/secret.hpp"
#include "remediator/actions/placeholders.hpp"

namespace fieldmedic {

namespace {

using Json = nlohmann::json;

constexpr std::size_t kMostHeaders = 32;
constexpr std::size_t kMostFailed = 16;
constexpr std::array<std::string_view, 6> kOurs{"authorization", "content-length",
                                                "content-type",  "idempotency-key",
                                                "host",          "transfer-encoding"};

struct Fault {
  std::string_view key;
  std::string what;
};
using Faults = std::vector<Fault>;

std::string lower(std::string text) {
  std::ranges::transform(text, text.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return text;
}

void check_url(const std::string& url, std::string_view more, Faults& faults) {
  const auto refuse = [&](std::string what) { faults.push_back({"url", std::move(what)}); };
  const auto parsed = parse_placeholders(url, more);
  if (!parsed) return refuse("'url': " + parsed.error().message);
  const auto scheme = url.find("://");
  const auto path = scheme == std::string::npos ? scheme : url.find('/', scheme + 3);
  if (url.substr(0, path).find("{{") != std::string::npos)
    return refuse("'url' may hold placeholders in its path only");
  const auto sample = parsed->render([](std::string_view) { return std::string("x"); });
  if (const auto fault = fault_of_url(sample ? *sample : std::string()))
    return refuse(fmt::format("'url' {}", *fault));
  if (url.find_first_of("?#") != std::string::npos)
    refuse("'url' may hold no query: it is journaled, and a secret may be in it");
}

void check_header_names(const std::map<std::string, std::string>& headers, std::string_view key,
                        Faults& faults) {
  if (headers.size() > kMostHeaders)
    faults.push_back({key, fmt::format("at most {} headers", kMostHeaders)});
  for (const auto& [name, value] : headers) {
    const bool breaks_out =
        (name + value).find_first_of(std::string_view("\r\n\0", 3)) != std::string::npos;
    if (breaks_out || name.empty() || name.find_first_of(": \t") != std::string::npos)
      faults.push_back({key, fmt::format("{} is not a header: one line, and a name without spaces",
                                         quote(name))});
    if (std::ranges::find(kOurs, lower(name)) != kOurs.end())
      faults.push_back({key, fmt::format("{} is not set here: credentials come from bearer_file or "
                                         "password_file, the rest is ours",
                                         quote(name))});
  }
}

void check_body(const HttpOrder& order, Faults& faults) {
  const auto parsed = parse_placeholders(order.body, "attempt");
  if (!parsed) return faults.push_back({"body", "'body': " + parsed.error().message});
  if (order.content_type.find_first_of(std::string_view("\r\n\0", 3)) != std::string::npos)
    faults.push_back({"content_type", "'content_type' wants one line"});
  if (!order.content_type.starts_with("application/json") || order.body.empty()) return;
  const auto sample = parsed->render([](std::string_view) { return std::string("x"); });
  if (!sample || !Json::accept(*sample))
    faults.push_back({"body", "'body' is not JSON; placeholders belong inside of its strings"});
}

void check_wanted(const HttpWanted& wanted, Faults& faults) {
  try {
    (void)Json::json_pointer(wanted.json_pointer);
  } catch (const Json::exception&) {
    faults.push_back({"json_pointer", "'json_pointer' wants a JSON pointer such as /state"});
  }
}

Faults faults_of(const HttpOrder& order) {
  Faults faults;
  if (order.method != "POST" && order.method != "PUT" && order.method != "PATCH" &&
      order.method != "DELETE")
    faults.push_back({"method", "'method' wants one of POST, PUT, PATCH, DELETE"});
  check_url(order.url, {}, faults);
  check_header_names(order.headers, "headers", faults);
  check_header_names(order.header_files, "header_files", faults);
  check_body(order, faults);
  if (order.bearer_file.empty() == false && !order.username.empty())
    faults.push_back({"bearer_file", "'bearer_file' stands beside 'username'; only one is sent"});
  if (order.username.empty() != order.password_file.empty())
    faults.push_back({"username", "'username' and 'password_file' belong together"});
  return faults;
}

Faults faults_of(const HttpConfirm& confirm) {
  Faults faults;
  check_url(confirm.url, "attempt", faults);
  if (confirm.failed.size() > kMostFailed)
    faults.push_back({"failed", fmt::format("at most {} values", kMostFailed)});
  if (!confirm.failed.empty() && confirm.wanted.json_pointer.empty())
    faults.push_back({"failed", "'failed' holds values at 'json_pointer', which is missing"});
  if (std::ranges::find(confirm.failed, confirm.wanted.equals) != confirm.failed.end())
    faults.push_back({"failed", "'failed' holds the value of 'equals'"});
  return faults;
}

HttpWanted read_wanted(const YamlMap& map) {
  HttpWanted wanted;
  if (map.has("status")) wanted.status = static_cast<int>(map.integer("status", 200, 100, 599));
  if (map.has("json_pointer") || map.has("equals")) {
    wanted.json_pointer = map.string("json_pointer");
    wanted.equals = map.string("equals");
    Faults faults;
    check_wanted(wanted, faults);
    for (const Fault& fault : faults) map.error(fault.key, fault.what);
  }
  return wanted;
}

std::map<std::string, std::string> read_headers(const YamlMap& arguments, std::string_view key) {
  const YamlMap map = arguments.map(key);
  std::map<std::string, std::string> headers;
  for (const std::string& name : map.keys()) headers[name] = map.string(name);
  map.done();
  return headers;
}

// A secret that cannot be read is told now, not in the night.
void check_secret(const YamlMap& map, std::string_view key, const std::string& file) {
  if (file.empty()) return;
  if (!file.starts_with('/')) return map.error(key, fmt::format("{} is no absolute path", file));
  if (const auto secret = read_secret_file(file); !secret) map.error(key, secret.error().message);
}

// What is missing was told when it was asked for.
void tell(const YamlMap& map, const Faults& faults) {
  for (const Fault& fault : faults)
    if (fault.key != "url" || map.has("url")) map.error(fault.key, fault.what);
}

HttpConfirm read_confirm(const YamlMap& map) {
  HttpConfirm confirm;
  confirm.url = map.string("url");
  confirm.wanted = read_wanted(map);
  confirm.failed = map.strings("failed");
  map.done();
  tell(map, faults_of(confirm));
  return confirm;
}

Json json_of(const HttpWanted& wanted) {
  return {
      {"status", wanted.status}, {"json_pointer", wanted.json_pointer}, {"equals", wanted.equals}};
}

HttpWanted wanted_of(const Json& json) {
  return {json.at("status").get<int>(), json.at("json_pointer").get<std::string>(),
          json.at("equals").get<std::string>()};
}

HttpOrder order_of(const Json& json) {
  const auto text = [&](const char* key) { return json.at(key).get<std::string>(); };
  using Headers = std::map<std::string, std::string>;
  HttpOrder order{.method = text("method"),
                  .url = text("url"),
                  .headers = json.at("headers").get<Headers>(),
                  .header_files = json.at("header_files").get<Headers>(),
                  .username = text("username"),
                  .password_file = text("password_file"),
                  .bearer_file = text("bearer_file"),
                  .ca_file = text("ca_file"),
                  .content_type = text("content_type"),
                  .body = text("body"),
                  .wanted = wanted_of(json.at("expect")),
                  .confirm = std::nullopt};
  if (json.contains("confirm")) {
    const Json& confirm = json.at("confirm");
    order.confirm = HttpConfirm{confirm.at("url").get<std::string>(), wanted_of(confirm),
                                confirm.at("failed").get<std::vector<std::string>>()};
  }
  return order;
}

}  // namespace

HttpOrder read_http_order(const YamlMap& arguments) {
  HttpOrder order;
  order.method = arguments.string("method", "POST");
  order.url = arguments.string("url");
  order.headers = read_headers(arguments, "headers");
  order.header_files = read_headers(arguments, "header_files");
  order.username = arguments.string("username", "");
  order.password_file = read_path(arguments, "password_file");
  order.bearer_file = read_path(arguments, "bearer_file");
  order.ca_file = read_ca_file(arguments);
  order.content_type = arguments.string("content_type", "application/json");
  order.body = arguments.string("body", "");
  const YamlMap expect = arguments.map("expect");
  order.wanted = read_wanted(expect);
  expect.done();
  if (arguments.has("confirm")) order.confirm = read_confirm(arguments.map("confirm"));
  tell(arguments, faults_of(order));
  check_secret(arguments, "password_file", order.password_file);
  check_secret(arguments, "bearer_file", order.bearer_file);
  for (const auto& [name, file] : order.header_files) check_secret(arguments, "header_files", file);
  return order;
}

std::string http_order_json(const HttpOrder& order) {
  Json json{{"method", order.method},
            {"url", order.url},
            {"headers", order.headers},
            {"header_files", order.header_files},
            {"username", order.username},
            {"password_file", order.password_file},
            {"bearer_file", order.bearer_file},
            {"ca_file", order.ca_file},
            {"content_type", order.content_type},
            {"body", order.body},
            {"expect", json_of(order.wanted)}};
  if (order.confirm) {
    json["confirm"] = json_of(order.confirm->wanted);
    json["confirm"]["url"] = order.confirm->url;
    json["confirm"]["failed"] = order.confirm->failed;
  }
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Result<HttpOrder> parse_http_order(const std::string& json) {
  try {
    HttpOrder order = order_of(Json::parse(json));
    Faults faults = faults_of(order);
    check_wanted(order.wanted, faults);
    if (order.confirm) {
      std::ranges::copy(faults_of(*order.confirm), std::back_inserter(faults));
      check_wanted(order.confirm->wanted, faults);
    }
    if (!faults.empty()) return fail(Errc::Invalid, faults.front().what);
    return order;
  } catch (const Json::exception& error) {
    return fail(Errc::Invalid, fmt::format("arguments of http: {}", error.what()));
  }
}

}  // namespace fieldmedic
