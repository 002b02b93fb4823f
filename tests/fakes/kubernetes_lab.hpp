// tests/fakes/kubernetes_api.py with certificates of its own, reached by a kubeconfig.
#pragma once

#include <string>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "common/http_client.hpp"
#include "remediator/reach/kubeconfig.hpp"
#include "remediator/reach/kubernetes_client.hpp"
#include "tests/fakes/certificates.hpp"
#include "tests/fakes/child_program.hpp"

namespace fieldmedic {

class KubernetesLab {
 public:
  using Json = nlohmann::json;

  KubernetesLab() {
    authority_.sign("server", "IP:127.0.0.1");
    authority_.sign("medic", "DNS:medic");
    tree.write("token", "t0k3n");
    program_.emplace(std::vector<std::string>{
        "/usr/bin/python3", "-B", FIELDMEDIC_SOURCE_DIR "/tests/fakes/kubernetes_api.py",
        tree.root.string(), "0.1"});
    const auto port = program_->port();
    INFO(program_->errors());
    REQUIRE(port);
    url_ = fmt::format("https://127.0.0.1:{}", *port);
  }

  // How the API is reached, by what is said of the user and, beside the server, of the cluster.
  KubernetesAccess access(const std::string& user = "tokenFile: token",
                          const std::string& cluster = "certificate-authority: ours.pem") {
    const auto file = tree.write(
        "config", fmt::format("current-context: c\n"
                              "contexts: [{{name: c, context: {{cluster: c, user: u, namespace: "
                              "collect}}}}]\n"
                              "clusters: [{{name: c, cluster: {{server: '{}', {}}}}}]\n"
                              "users: [{{name: u, user: {{{}}}}}]\n",
                              url_, cluster, user));
    ConfigErrors errors;
    KubernetesAccess read = read_kubeconfig(file, "", errors);
    INFO(errors.text());
    REQUIRE(errors.empty());
    return read;
  }

  // What has happened so far, after `order` was followed.
  Json control(const Json& order = Json::object()) {
    HttpRequest request;
    request.method = "POST";
    request.url = url_ + "/control";
    request.timeout = std::chrono::seconds(60);
    request.body = order.dump();
    request.bearer_token = Secret("t0k3n");
    request.tls.ca_file = authority_.certificate();
    const auto answer = http.send(request, {});
    INFO((answer ? answer->body : answer.error().message));
    REQUIRE(answer);
    REQUIRE(answer->status == 200);
    return Json::parse(answer->body);
  }
  void has(const Json& object) { control({{"objects", {object}}}); }
  // Of the next request with this method, before or after it is served.
  void fails(const char* method, const char* when, const Json& how) {
    control({{"fault", {{"method", method}, {when, how}}}});
  }

  TempTree tree;
  CurlHttpClient http;

 private:
  Authority authority_{tree, "ours"};
  std::optional<ChildProgram> program_;
  std::string url_;
};

}  // namespace fieldmedic
