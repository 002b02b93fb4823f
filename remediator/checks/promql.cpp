#include "remediator/checks/promql.hpp"

#include <cmath>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "common/duration.hpp"
#include "common/prometheus_line.hpp"
#include "common/template.hpp"
#include "remediator/checks/comparison.hpp"

namespace fieldmedic {

namespace {

using core::CheckAnswer;
using core::Verdict;
using Json = nlohmann::json;
using std::chrono::milliseconds;

constexpr milliseconds kTimeout{2'000};
constexpr std::size_t kBodyLimit = 1 << 20;
constexpr std::size_t kErrorShown = 200;

// Inside a double-quoted PromQL string (escapes as in Go).
std::string escape(std::string_view value) {
  std::string escaped;
  for (const char c : value) {
    if (c == '"' || c == '\\') escaped += '\\';
    if (c == '\n')
      escaped += "\\n";
    else
      escaped += c;
  }
  return escaped;
}

// application/x-www-form-urlencoded, one value.
std::string form_encode(std::string_view value) {
  std::string encoded;
  for (const char c : value) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '_' || c == '.' || c == '~';
    if (plain)
      encoded += c;
    else
      encoded += fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return encoded;
}

Result<std::string> value_of(std::string_view name, const core::Target& target) {
  if (name == "target.name") return escape(target.name);
  if (name == "target.host") return escape(target.host);
  if (name == "target.group") return escape(target.group);
  return fail(
      Errc::Invalid,
      fmt::format("unknown placeholder '{}', known: target.name, target.host, target.group", name));
}

Status check_query(const std::string& query) {
  const auto parsed = Template::parse(query);
  if (!parsed) return fail(parsed.error());
  for (const std::string& name : parsed->names())
    if (auto known = value_of(name, {}); !known) return fail(known.error());
  if (query.empty()) return fail(Errc::Invalid, "'query' wants an expression");
  return {};
}

CheckAnswer unknown(std::string why) {
  return {Verdict::Unknown, std::move(why)};
}

// [1435781451.781, "1"]
CheckAnswer judge_sample(const Json& sample, const Comparison& wanted, const std::string& is) {
  const auto text = sample.at(1).get<std::string>();
  const auto value = parse_sample_value(text);
  if (!value || std::isnan(*value)) return unknown("the query answers " + text.substr(0, 32));
  const bool right = holds(wanted, *value);
  return {right ? Verdict::Pass : Verdict::Fail,
          fmt::format("the query answers {}, wanted {}", text, is)};
}

// Throws what Json throws when the answer has another shape.
CheckAnswer judge(const Json& answer, const Comparison& wanted, const std::string& is) {
  if (const auto warnings = answer.find("warnings"); warnings != answer.end() && !warnings->empty())
    return unknown("Prometheus warns: the answer may be partial");
  const Json& data = answer.at("data");
  const auto type = data.at("resultType").get<std::string>();
  const Json& result = data.at("result");
  if (type == "scalar") return judge_sample(result, wanted, is);
  if (type != "vector") return unknown(fmt::format("the query answers a {}", type));
  if (result.empty()) return unknown("the query answers no series");
  CheckAnswer sum;
  for (const Json& series : result) {
    CheckAnswer one = judge_sample(series.at("value"), wanted, is);
    if (one.verdict == Verdict::Unknown) return one;
    if (sum.verdict != Verdict::Fail) sum = std::move(one);
  }
  return sum;
}

CheckAnswer read_answer(const HttpResponse& response, const Comparison& wanted,
                        const std::string& is) {
  try {
    const Json answer = Json::parse(response.body);
    if (response.status == 200 && answer.at("status") == "success")
      return judge(answer, wanted, is);
    return unknown(fmt::format("Prometheus answers {}: {}", response.status,
                               answer.value("error", "").substr(0, kErrorShown)));
  } catch (const Json::exception&) {
    return unknown(fmt::format("Prometheus answers {} with what cannot be read", response.status));
  }
}

class PromqlCheck final : public Check {
 public:
  PromqlCheck(Template query, std::string is, Comparison wanted, milliseconds timeout,
              const CheckTools& tools)
      : query_(std::move(query)),
        is_(std::move(is)),
        wanted_(wanted),
        timeout_(timeout),
        tools_(tools) {}

  CheckAnswer run(const core::Target& target, std::stop_token stop) override {
    if (tools_.prometheus.empty()) return unknown("no Prometheus is configured");
    const auto query = query_.render([&](std::string_view name) { return value_of(name, target); });
    if (!query) return unknown(query.error().message);
    HttpRequest request;
    request.method = "POST";
    request.headers = {{"Content-Type", "application/x-www-form-urlencoded"}};
    request.body = fmt::format("query={}&timeout={}", form_encode(*query),
                               form_encode(format_duration(timeout_)));
    request.timeout = timeout_;
    request.body_limit = kBodyLimit;
    const auto response =
        tools_.prometheus.ask(tools_.http, "/api/v1/query", std::move(request), std::move(stop));
    if (!response) return unknown(response.error().message);
    return read_answer(*response, wanted_, is_);
  }

 private:
  Template query_;
  std::string is_;  // as written, for the evidence
  Comparison wanted_;
  milliseconds timeout_;
  CheckTools tools_;
};

}  // namespace

std::string read_promql_check(const YamlMap& arguments) {
  const std::string query = arguments.string("query");
  if (auto right = check_query(query); !right && arguments.has("query"))
    arguments.error("query", right.error().message);
  const std::string is = arguments.string("is");
  if (auto right = parse_comparison(is); !right && arguments.has("is"))
    arguments.error("is", "'is' " + right.error().message);
  const auto timeout = arguments.duration("timeout", kTimeout);
  return Json{{"is", is}, {"query", query}, {"timeout_ms", timeout.count()}}.dump(
      -1, ' ', false, Json::error_handler_t::replace);
}

Result<std::unique_ptr<Check>> make_promql_check(const std::string& arguments,
                                                 const CheckTools& tools) {
  try {
    const Json json = Json::parse(arguments);
    const auto query = json.at("query").get<std::string>();
    if (auto right = check_query(query); !right) return fail(right.error());
    auto parsed = Template::parse(query);
    auto is = json.at("is").get<std::string>();
    const auto wanted = parse_comparison(is);
    if (!parsed) return fail(parsed.error());
    if (!wanted) return fail(wanted.error());
    return std::make_unique<PromqlCheck>(std::move(*parsed), std::move(is), *wanted,
                                         milliseconds(json.at("timeout_ms").get<std::int64_t>()),
                                         tools);
  } catch (const Json::exception& error) {
    return fail(Errc::Invalid, fmt::format("arguments of the check promql: {}", error.what()));
  }
}

}  // namespace fieldmedic
