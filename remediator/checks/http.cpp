#include "remediator/checks/http.hpp"

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "common/duration.hpp"
#include "common/url_host.hpp"
#include "remediator/checks/where.hpp"

namespace fieldmedic {

namespace {

using core::CheckAnswer;
using core::Verdict;
using Json = nlohmann::json;
using std::chrono::milliseconds;

constexpr milliseconds kTimeout{2'000};
constexpr std::size_t kMostUrls = 16;
constexpr std::size_t kBodyLimit = 256 * 1024;

struct Arguments {
  std::vector<std::string> urls;  // empty: the collector's
  int status = 200;
  milliseconds timeout = kTimeout;
};

// Why a URL may not stand in a playbook, which is journaled and shown whole.
std::optional<std::string_view> fault_of(std::string_view url) {
  const auto scheme = url.find("://");
  if (!url.starts_with("http://") && !url.starts_with("https://"))
    return "wants http:// or https://";
  const auto rest = url.substr(scheme + 3);
  if (rest.substr(0, rest.find_first_of("/?#")).contains('@') || rest.contains('?'))
    return "must hold no user and no query: a secret of theirs would be journaled; a collector's "
           "'health' in the inventory is not";
  return std::nullopt;
}

std::vector<std::string> read_check_urls(const YamlMap& arguments) {
  std::vector<std::string> urls;
  for (const YamlValue& value : arguments.values("urls")) {
    const std::string url = value.string().value_or("");
    if (const auto fault = fault_of(url))
      value.error(fmt::format("each element of 'urls' {}, got {}", *fault, redact_url(url)));
    urls.push_back(url);
  }
  if (urls.size() > kMostUrls) arguments.error("urls", fmt::format("at most {} URLs", kMostUrls));
  return urls;
}

// Refused and silent say something about the service; all else says something about us or the way.
Verdict verdict_of(Errc code) {
  switch (code) {
    case Errc::Unavailable:
    case Errc::Timeout: return Verdict::Fail;
    case Errc::Invalid:
    case Errc::Malformed:
    case Errc::NotFound:
    case Errc::Denied:
    case Errc::Conflict:
    case Errc::TooLarge:
    case Errc::Full:
    case Errc::Io:
    case Errc::Cancelled: return Verdict::Unknown;
  }
  return Verdict::Unknown;
}

class HttpCheck final : public Check {
 public:
  HttpCheck(Arguments arguments, const CheckTools& tools)
      : arguments_(std::move(arguments)), tools_(tools) {}

  CheckAnswer run(const core::Target& target, std::stop_token stop) override {
    const CollectorSpec* collector = tools_.inventory->collector(target);
    const auto& urls =
        arguments_.urls.empty() && collector != nullptr ? collector->health : arguments_.urls;
    if (urls.empty())
      return {Verdict::Unknown,
              fmt::format("no health URLs are known for {}", core::key_of(target))};
    const bool far = is_far(*tools_.inventory, target);
    for (const std::string& url : urls) {
      // Asked from here, it would tell of a service of ours.
      if (far && names_this_machine(host_of_url(url), own_host_name()))
        return {
            Verdict::Unknown,
            fmt::format("{} is the remediator's own host, and {} is reached {}", redact_url(url),
                        target.host, in_words(tools_.inventory->host(target.host)->reach))};
      HttpRequest request;
      request.url = url;
      request.timeout = arguments_.timeout;
      request.body_limit = kBodyLimit;
      const auto response = tools_.http.send(request, stop);
      if (!response) return {verdict_of(response.error().code), response.error().message};
      if (response->status != arguments_.status)
        return {Verdict::Fail, fmt::format("{} answers {}, wanted {}", redact_url(url),
                                           response->status, arguments_.status)};
    }
    return {Verdict::Pass,
            urls.size() == 1
                ? fmt::format("{} answers {}", redact_url(urls.front()), arguments_.status)
                : fmt::format("{} URLs answer {}", urls.size(), arguments_.status)};
  }

 private:
  Arguments arguments_;
  CheckTools tools_;
};

}  // namespace

std::string read_http_check(const YamlMap& arguments) {
  const auto urls = read_check_urls(arguments);
  const auto status = arguments.integer("status", 200, 100, 599);
  const auto timeout = arguments.duration("timeout", kTimeout);
  return Json{{"status", status}, {"timeout_ms", timeout.count()}, {"urls", urls}}.dump(
      -1, ' ', false, Json::error_handler_t::replace);
}

Result<std::unique_ptr<Check>> make_http_check(const std::string& arguments,
                                               const CheckTools& tools) {
  try {
    const Json json = Json::parse(arguments);
    return std::make_unique<HttpCheck>(
        Arguments{json.at("urls").get<std::vector<std::string>>(), json.at("status").get<int>(),
                  milliseconds(json.at("timeout_ms").get<std::int64_t>())},
        tools);
  } catch (const Json::exception& error) {
    return fail(Errc::Invalid, fmt::format("arguments of the check http: {}", error.what()));
  }
}

}  // namespace fieldmedic
