#include "exporter/collector/probe.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <re2/re2.h>

#include "exporter/collector/tcp_connect.hpp"

namespace fieldmedic {
namespace {

constexpr std::size_t kMostBody = 1 << 20;  // an answer that is longer is no health page

// Refused and silent say something about the other side; all else says something about us or the
// way. The remediator's check judges alike.
bool is_theirs(Errc code) {
  switch (code) {
    case Errc::Unavailable:
    case Errc::Timeout: return true;
    case Errc::Invalid:
    case Errc::Malformed:
    case Errc::NotFound:
    case Errc::Denied:
    case Errc::Conflict:
    case Errc::TooLarge:
    case Errc::Full:
    case Errc::Io:
    case Errc::Cancelled: return false;
  }
  return false;
}

ProbeSample failed(const Error& error) {
  ProbeSample sample;
  if (is_theirs(error.code)) sample.up = false;
  sample.reason = error.message;
  return sample;
}

}  // namespace

struct Probe::Body {
  explicit Body(const std::string& text, const RE2::Options& options) : pattern(text, options) {}
  RE2 pattern;
};

Result<Probe> Probe::compile(ProbeConfig config) {
  Probe probe;
  if (!config.body.empty()) {
    RE2::Options options;
    options.set_log_errors(false);
    options.set_encoding(RE2::Options::EncodingLatin1);  // a body may be anything
    auto body = std::make_shared<const Body>(config.body, options);
    if (!body->pattern.ok())
      return fail(Errc::Invalid, fmt::format("body '{}': {}", config.body, body->pattern.error()));
    probe.body_ = std::move(body);
  }
  probe.config_ = std::move(config);
  return probe;
}

ProbeSample Probe::ask(HttpClient& http, const Clock& clock, std::stop_token stop) const {
  const auto begun = clock.steady();
  ProbeSample sample;
  if (config_.url.empty()) {
    const auto connected = tcp_connect(config_.address, config_.timeout);
    sample = connected ? ProbeSample{.up = true} : failed(connected.error());
  } else {
    HttpRequest request;
    request.url = config_.url;
    // Each probe goes over a connection of its own: that they are accepted is part of the question.
    request.headers = {{"Connection", "close"}};
    request.tls.ca_file = config_.ca_file;
    request.timeout = config_.timeout;
    request.body_limit = kMostBody;
    sample = judge(http.send(request, std::move(stop)));
  }
  sample.took = clock.steady() - begun;
  sample.at = clock.wall();
  return sample;
}

ProbeSample Probe::judge(const Result<HttpResponse>& answer) const {
  if (!answer) return failed(answer.error());
  ProbeSample sample;
  sample.status = answer->status;
  sample.up = false;
  if (std::ranges::find(config_.expect, answer->status) == config_.expect.end())
    sample.reason = fmt::format("{}: answered {}", config_.shown(), answer->status);
  else if (body_ != nullptr && !RE2::PartialMatch(answer->body, body_->pattern))
    sample.reason = fmt::format("{}: its body does not match", config_.shown());
  else
    sample.up = true;
  return sample;
}

}  // namespace fieldmedic
