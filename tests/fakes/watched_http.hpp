// Stands before the client by which actions ask a real Kubernetes API: counts what the server took,
// and makes the faults that a real one does not make to order.
#pragma once

#include <cstdlib>
#include <mutex>
#include <optional>
#include <string>

#include <nlohmann/json.hpp>

#include "common/http_client.hpp"
#include "tests/fakes/eventually.hpp"

namespace fieldmedic {

class WatchedHttp final : public HttpClient {
 public:
  using Json = nlohmann::json;

  Result<HttpResponse> send(const HttpRequest& request, std::stop_token stop) override {
    const Json fault = take_fault(request.method);
    if (fault.contains("before")) return suffer(fault["before"], request);
    auto answer = real_.send(request, stop);
    if (answer) note(request, answer->status);
    if (!fault.contains("after")) return answer;
    if (fault["after"] != "close") {  // seconds
      const std::chrono::seconds slow(std::atoi(fault["after"].get<std::string>().c_str()));
      const bool stopped = eventually([&] { return stop.stop_requested(); },
                                      std::min<std::chrono::milliseconds>(request.timeout, slow));
      return fail(stopped ? Errc::Cancelled : Errc::Timeout, "the test keeps the answer back");
    }
    return fail(Errc::Io, "the test lost the answer");
  }

  void fails(const std::string& method, const std::string& when, const Json& how) {
    const std::lock_guard lock(mutex_);
    fault_ = {{"method", method}, {when, how}};
  }
  Json told() {
    const std::lock_guard lock(mutex_);
    return told_;
  }

 private:
  Json take_fault(const std::string& method) {
    const std::lock_guard lock(mutex_);
    if (!fault_.contains("method") || fault_["method"] != method) return Json::object();
    return std::exchange(fault_, Json::object());
  }

  static Result<HttpResponse> suffer(const Json& how, const HttpRequest& request) {
    if (how == "close") return fail(Errc::Io, "the test broke off");
    if (how == "endless") return fail(Errc::TooLarge, "the test never ended");
    const std::string token = request.bearer_token ? request.bearer_token->reveal() : "nothing";
    const Json status{{"kind", "Status"}, {"code", how}, {"message", "you sent Bearer " + token}};
    return HttpResponse{how.get<int>(), status.dump(), {{"retry-after", "10"}}};
  }

  void note(const HttpRequest& request, int status) {
    const std::lock_guard lock(mutex_);
    told_["requests"] = told_["requests"].get<int>() + 1;
    if (status < 200 || status >= 300 || request.body.empty()) return;
    const Json body = Json::parse(request.body);
    if (request.method == "POST") told_["evictions"].push_back(body["metadata"]["name"]);
    if (request.method != "PATCH") return;
    if (const Json& spec = body["spec"]; spec.contains("template"))
      told_["restarts"].push_back(spec["template"]["metadata"]["annotations"]);
    else
      told_["scales"].push_back(spec["replicas"]);
  }

  CurlHttpClient real_;
  std::mutex mutex_;
  Json fault_ = Json::object();  // under mutex_, as the next
  Json told_{{"restarts", Json::array()},
             {"scales", Json::array()},
             {"evictions", Json::array()},
             {"requests", 0}};
};

}  // namespace fieldmedic
