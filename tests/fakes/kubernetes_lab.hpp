// tests/fakes/kubernetes_api.py with certificates of its own, reached by a kubeconfig.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "remediator/reach/kubeconfig.hpp"
#include "tests/fakes/certificates.hpp"
#include "tests/fakes/child_program.hpp"
#include "tests/fakes/kubernetes_part.hpp"

namespace fieldmedic {

class KubernetesLab final : public KubernetesPart {
 public:
  KubernetesLab() {
    authority_.sign("server", "IP:127.0.0.1");
    authority_.sign("medic", "DNS:medic");
    tree_.write("token", "t0k3n");
    program_.emplace(std::vector<std::string>{
        "/usr/bin/python3", "-B", FIELDMEDIC_SOURCE_DIR "/tests/fakes/kubernetes_api.py",
        tree_.root.string(), fmt::format("{}", kStep)});
    const auto port = program_->port();
    INFO(program_->errors());
    REQUIRE(port);
    url_ = fmt::format("https://127.0.0.1:{}", *port);
  }

  HttpClient& http() override { return http_; }
  std::string name_space() const override { return "collect"; }
  KubernetesAccess access() override { return access_as("tokenFile: token"); }
  std::vector<KubernetesAccess> let_in() override {
    return {access_as("token: t0k3n"), access(),
            access_as("client-certificate: medic.pem, client-key: medic.key")};
  }

  void has(const Json& object) override {
    Json here = object;
    here["metadata"]["namespace"] = name_space();
    (void)control({{"objects", {here}}});
  }
  void loses(const std::string& plural, const std::string& name) override {
    (void)control({{"remove", {{name_space(), plural, name}}}});
  }
  std::string pod_of(const Json& owner) override {
    has(owner);
    const Json reference{{"apiVersion", owner["apiVersion"]},
                         {"kind", owner["kind"]},
                         {"name", owner["metadata"]["name"]},
                         {"controller", true}};
    pod_ = {{"apiVersion", "v1"},
            {"kind", "Pod"},
            {"metadata", owner["spec"]["template"]["metadata"]},
            {"spec", owner["spec"]["template"]["spec"]}};
    pod_["metadata"]["ownerReferences"] = Json::array({reference});
    const Json& spec = owner["spec"];
    const int first = spec.contains("ordinals") ? spec["ordinals"]["start"].get<int>() : 0;
    for (const int number : {first + 1, first}) {
      pod_["metadata"]["name"] = fmt::format("orders-{}", number);
      has(pod_);
    }
    return pod_["metadata"]["name"];
  }
  std::size_t ready_pods() override { return told()["ready_pods"]; }
  void ends_pod(const std::string& name) override {
    loses("pods", name);
    has(pod_);
  }
  void controllers_wait() override { (void)control({{"step", 600}}); }
  void controllers_go_on() override { (void)control({{"step", kStep}}); }
  void forbids(const std::string& verb, const std::string& resource) override {
    (void)control({{"forbid", Json::array({Json::array({verb, resource})})}});
  }
  void fails(const std::string& method, const std::string& when, const Json& how) override {
    (void)control({{"fault", {{"method", method}, {when, how}}}});
  }
  Json told() override { return control(Json::object()); }

 private:
  static constexpr double kStep = 0.1;  // seconds that a step of a rollout takes

  // By what a kubeconfig says of the user.
  [[nodiscard]] KubernetesAccess access_as(const char* user) {
    const auto file = tree_.write(
        "config", fmt::format("current-context: c\n"
                              "contexts: [{{name: c, context: {{cluster: c, user: u, namespace: "
                              "{}}}}}]\n"
                              "clusters: [{{name: c, cluster: {{server: '{}', "
                              "certificate-authority: ours.pem}}}}]\n"
                              "users: [{{name: u, user: {{{}}}}}]\n",
                              name_space(), url_, user));
    ConfigErrors errors;
    KubernetesAccess read = read_kubeconfig(file, "", errors);
    INFO(errors.text());
    REQUIRE(errors.empty());
    return read;
  }

  // What has happened so far, after `order` was followed.
  Json control(const Json& order) {
    HttpRequest request;
    request.method = "POST";
    request.url = url_ + "/control";
    request.timeout = std::chrono::seconds(60);
    request.body = order.dump();
    request.bearer_token = Secret("t0k3n");
    request.tls.ca_file = authority_.certificate();
    const auto answer = http_.send(request, {});
    INFO((answer ? answer->body : answer.error().message));
    REQUIRE(answer);
    REQUIRE(answer->status == 200);
    return Json::parse(answer->body);
  }

  TempTree tree_;
  CurlHttpClient http_;
  Authority authority_{tree_, "ours"};
  std::optional<ChildProgram> program_;
  std::string url_;
  Json pod_;
};

}  // namespace fieldmedic
