// A systemd and an HTTP client that tell how long the one call took that a target itself takes.
#pragma once

#include <chrono>
#include <string>

#include "common/clock.hpp"
#include "common/http_client.hpp"
#include "remediator/reach/systemd.hpp"

namespace fieldmedic::bench {

using std::chrono::microseconds;

[[nodiscard]] inline microseconds since(const Clock& clock, SteadyTime start) {
  return std::chrono::duration_cast<microseconds>(clock.steady() - start);
}

// Jobs are timed. For one thread; what it is made from must outlive it.
class TimedSystemd final : public Systemd {
 public:
  TimedSystemd(Systemd& real, const Clock& clock) : real_(real), clock_(clock) {}

  Result<UnitState> unit(const std::string& name, const std::stop_token& stop) override {
    return real_.unit(name, stop);
  }
  Status reset_failed(const std::string& name, const std::stop_token& stop) override {
    return real_.reset_failed(name, stop);
  }
  Result<std::string> run(UnitJob job, const std::string& name, std::chrono::milliseconds timeout,
                          const std::stop_token& stop) override {
    const SteadyTime start = clock_.steady();
    auto answer = real_.run(job, name, timeout, stop);
    taken = since(clock_, start);
    return answer;
  }

  microseconds taken{0};  // by the last job

 private:
  Systemd& real_;
  const Clock& clock_;
};

// Requests to restart a container are timed. For one thread; what it is made from must outlive it.
class TimedHttp final : public HttpClient {
 public:
  TimedHttp(HttpClient& real, const Clock& clock) : real_(real), clock_(clock) {}

  Result<HttpResponse> send(const HttpRequest& request, std::stop_token stop) override {
    const SteadyTime start = clock_.steady();
    auto answer = real_.send(request, std::move(stop));
    if (request.url.find("/restart?") != std::string::npos) taken = since(clock_, start);
    return answer;
  }

  microseconds taken{0};  // by the last of them

 private:
  HttpClient& real_;
  const Clock& clock_;
};

}  // namespace fieldmedic::bench
