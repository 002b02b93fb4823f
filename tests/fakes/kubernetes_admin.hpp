// A real Kubernetes API asked as the user of a kubeconfig who may do everything: what a test does
// to a cluster from outside.
#pragma once

#include <chrono>
#include <string>
#include <utility>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "common/http_client.hpp"
#include "remediator/reach/kubernetes_access.hpp"
#include "tests/catch.hpp"
#include "tests/fakes/eventually.hpp"

namespace fieldmedic {

class KubernetesAdmin {
 public:
  using Json = nlohmann::json;
  // For what the cluster's own programs do, on a slow machine.
  static constexpr std::chrono::seconds kPatience{120};

  explicit KubernetesAdmin(KubernetesAccess access) : access_(std::move(access)) {}

  // The status of the answer, and what it says.
  std::pair<int, Json> ask(const std::string& method, const std::string& path,
                           const std::string& body = "", const char* type = "application/json") {
    const auto answer = send(method, path, body, type);
    INFO(method << ' ' << path << ": " << (answer ? answer->body : answer.error().message));
    REQUIRE(answer);
    return {answer->status, Json::parse(answer->body, nullptr, false)};
  }

  Json get(const std::string& path) { return served("GET", path, ""); }
  Json make(const std::string& path, const Json& object) {
    return served("POST", path, object.dump());
  }
  Json make_yaml(const std::string& path, const std::string& text) {
    return served("POST", path, text, "application/yaml");
  }
  Json replace(const std::string& path, const Json& object) {
    return served("PUT", path, object.dump());
  }

  // With what it owns.
  void remove(const std::string& path) {
    (void)ask("DELETE", path, Json{{"propagationPolicy", "Foreground"}}.dump());
    const bool gone = eventually([&] { return ask("GET", path).first == 404; }, kPatience);
    INFO(path << " is still there");
    REQUIRE(gone);
  }

  // Whether or not it works: for the end of a test.
  void forget(const std::string& path) { (void)send("DELETE", path, "", "application/json"); }

  // Until `is_so` holds of the object, which then stays as it is for a while: controllers write
  // what they saw a little after it came to be.
  template <class Condition>
  Json wait_for(const std::string& path, Condition is_so) {
    using Steady = std::chrono::steady_clock;
    Json now;
    std::string version;
    Steady::time_point since;
    const bool came = eventually(
        [&] {
          const auto [status, object] = ask("GET", path);
          now = object;
          if (status != 200 || !is_so(object)) {
            version.clear();
            return false;
          }
          const std::string newest = object["metadata"]["resourceVersion"];
          if (newest != std::exchange(version, newest)) since = Steady::now();
          return Steady::now() - since > std::chrono::milliseconds(500);
        },
        kPatience);
    INFO(path << " is " << now.dump());
    REQUIRE(came);
    return now;
  }

 private:
  Result<HttpResponse> send(const std::string& method, const std::string& path,
                            const std::string& body, const char* type) {
    HttpRequest request;
    request.method = method;
    request.url = access_.server + path;
    request.headers = {{"Accept", "application/json"}, {"Content-Type", type}};
    request.body = body;
    if (!access_.token.empty()) request.bearer_token = access_.token;
    request.tls = access_.tls;
    request.tls_material = access_.material;
    request.timeout = std::chrono::seconds(60);
    request.body_limit = 16UL << 20;
    return http_.send(request, {});
  }
  Json served(const char* method, const std::string& path, const std::string& body,
              const char* type = "application/json") {
    const auto [status, object] = ask(method, path, body, type);
    INFO(method << ' ' << path << " with " << body << ": " << status << ' ' << object.dump());
    REQUIRE((status >= 200 && status < 300));
    return object;
  }

  KubernetesAccess access_;
  CurlHttpClient http_;
};

}  // namespace fieldmedic
