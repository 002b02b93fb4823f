// One question to a collector or a peer: is it well?
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include "common/clock.hpp"
#include "common/http_client.hpp"
#include "exporter/collector/health_config.hpp"

namespace fieldmedic {

struct ProbeSample {
  std::optional<bool> up{};     // empty: our own trouble, nothing is known of the other side
  std::optional<int> status{};  // of an HTTP answer
  std::string reason{};         // why it is not up; no secret
  std::chrono::duration<double> took{0};
  WallTime at{};  // when it was finished
};

// Thread-safe.
class Probe {
 public:
  // Errc::Invalid for a pattern that RE2 refuses.
  [[nodiscard]] static Result<Probe> compile(ProbeConfig config);

  [[nodiscard]] const ProbeConfig& config() const { return config_; }
  // Blocks for the probe's timeout at most (a name server that hangs may take longer). A redirect
  // is not followed: it is its status.
  [[nodiscard]] ProbeSample ask(HttpClient& http, const Clock& clock, std::stop_token stop) const;
  // What an answer means. Pure; up, status and reason are set.
  [[nodiscard]] ProbeSample judge(const Result<HttpResponse>& answer) const;

 private:
  struct Body;  // the compiled pattern

  ProbeConfig config_;
  std::shared_ptr<const Body> body_;  // null: any body will do
};

}  // namespace fieldmedic
