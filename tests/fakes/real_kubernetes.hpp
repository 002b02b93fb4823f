// A namespace of a real cluster for one test, with a service account that has the rights of
// docs/actions.md and no others.
#pragma once

#include <algorithm>
#include <fstream>
#include <iterator>
#include <regex>
#include <string>
#include <vector>

#include "common/clock.hpp"
#include "remediator/reach/kubeconfig.hpp"
#include "remediator/reach/workload.hpp"
#include "tests/fakes/kubernetes_admin.hpp"
#include "tests/fakes/kubernetes_part.hpp"
#include "tests/fakes/temp_tree.hpp"
#include "tests/fakes/watched_http.hpp"

namespace fieldmedic {

class RealKubernetes final : public KubernetesPart {
 public:
  explicit RealKubernetes(const std::string& kubeconfig)
      : owner_(read(kubeconfig)),
        admin_(owner_),
        space_(fmt::format("fieldmedic-test-{}", SystemClock().wall().time_since_epoch().count())) {
    admin_.make("/api/v1/namespaces", {{"metadata", {{"name", space_}}}});
    const std::string accounts = in_space("/api/v1", "serviceaccounts");
    (void)admin_.wait_for(accounts + "/default", [](const Json&) { return true; });
    admin_.make(accounts, {{"metadata", {{"name", "fieldmedic"}}}});
    admin_.make_yaml(rbac("roles"), role_of_the_docs());
    admin_.make(
        rbac("rolebindings"),
        {{"metadata", {{"name", "fieldmedic"}}},
         {"roleRef",
          {{"apiGroup", "rbac.authorization.k8s.io"}, {"kind", "Role"}, {"name", "fieldmedic"}}},
         {"subjects",
          {{{"kind", "ServiceAccount"}, {"name", "fieldmedic"}, {"namespace", space_}}}}});
    const Json issued = admin_.make(accounts + "/fieldmedic/token", {{"spec", Json::object()}});
    token_ = issued["status"]["token"];
    await_right("patch", "apps", "deployments", "", true);
  }
  ~RealKubernetes() override { admin_.forget("/api/v1/namespaces/" + space_); }
  RealKubernetes(const RealKubernetes&) = delete;
  RealKubernetes& operator=(const RealKubernetes&) = delete;

  HttpClient& http() override { return http_; }
  std::string name_space() const override { return space_; }
  KubernetesAccess access() override {
    KubernetesAccess access = nobody();
    access.token = Secret(token_);
    return access;
  }
  std::vector<KubernetesAccess> let_in() override {
    KubernetesAccess by_file = nobody();
    by_file.token_file = tree_.write("token", token_);
    KubernetesAccess owner = owner_;  // by a client certificate, where the kubeconfig has one
    owner.name_space = space_;
    return {access(), by_file, owner};
  }

  void has(const Json& object) override {
    const std::string paths =
        in_space(fmt::format("/apis/{}", as_text(object["apiVersion"])), plural_of(object["kind"]));
    const std::string path = fmt::format("{}/{}", paths, as_text(object["metadata"]["name"]));
    admin_.remove(path);
    admin_.make(paths, object);
    (void)admin_.wait_for(path, [](const Json& now) { return is_settled(now); });
  }
  void loses(const std::string& plural, const std::string& name) override {
    admin_.remove(in_space("/apis/apps/v1", plural) + "/" + name);
  }
  std::string pod_of(const Json& owner) override {
    has(owner);
    const Json found = pods();
    REQUIRE_FALSE(found.empty());
    return found.front()["metadata"]["name"];
  }
  std::size_t ready_pods() override {
    const Json found = pods();
    return static_cast<std::size_t>(std::ranges::count_if(found, [](const Json& pod) {
      const Json conditions = pod["status"].value("conditions", Json::array());
      return !pod["metadata"].contains("deletionTimestamp") &&
             std::ranges::any_of(conditions, [](const Json& condition) {
               return condition["type"] == "Ready" && condition["status"] == "True";
             });
    }));
  }
  void ends_pod(const std::string& name) override {
    const std::string path = in_space("/api/v1", "pods") + "/" + name;
    const Json uid = admin_.get(path)["metadata"]["uid"];
    (void)admin_.ask("DELETE", path, R"({"gracePeriodSeconds": 0})");
    REQUIRE(eventually(
        [&] {
          const auto [status, now] = admin_.ask("GET", path);
          return status == 404 || now["metadata"]["uid"] != uid;
        },
        KubernetesAdmin::kPatience));
  }
  void controllers_wait() override {}
  void controllers_go_on() override {}
  void forbids(const std::string& verb, const std::string& resource) override {
    const std::string path = rbac("roles") + "/fieldmedic";
    Json role = admin_.get(path);
    std::string group;
    for (Json& rule : role["rules"]) {
      const auto named = rule["resources"].get<std::vector<std::string>>();
      if (std::ranges::find(named, resource) == named.end()) continue;
      group = as_text(rule["apiGroups"].front());
      auto verbs = rule["verbs"].get<std::vector<std::string>>();
      std::erase(verbs, verb);
      rule["verbs"] = verbs.empty() ? std::vector<std::string>{"deletecollection"} : verbs;
    }
    admin_.replace(path, role);
    const auto slash = resource.find('/');
    await_right(verb, group, resource.substr(0, slash),
                slash == std::string::npos ? "" : resource.substr(slash + 1), false);
  }
  void fails(const std::string& method, const std::string& when, const Json& how) override {
    http_.fails(method, when, how);
  }
  Json told() override { return http_.told(); }

 private:
  static KubernetesAccess read(const std::string& kubeconfig) {
    ConfigErrors errors;
    KubernetesAccess access = read_kubeconfig(kubeconfig, "", errors);
    INFO(errors.text());
    REQUIRE(errors.empty());
    return access;
  }
  static std::string as_text(const Json& value) { return value.get<std::string>(); }
  static std::string plural_of(const Json& kind) {
    std::string word = as_text(kind);
    std::ranges::transform(word, word.begin(), [](char c) { return c < 'a' ? c + 32 : c; });
    return word + "s";
  }

  // Of what a test makes: its controller has seen it, and has done what it wants.
  static bool is_settled(const Json& now) {
    const Json& metadata = now["metadata"];
    const Json status = now.value("status", Json::object());
    if (now["kind"] == "HorizontalPodAutoscaler") return true;
    if (status.value("observedGeneration", 0) != metadata["generation"]) return false;
    if (now["kind"] == "PodDisruptionBudget") return status["currentHealthy"] == 2;
    if (now["kind"] == "ReplicaSet")
      return status.value("readyReplicas", 0) == now["spec"]["replicas"];
    const std::string kind = as_text(now["kind"]);
    for (const auto one :
         {WorkloadKind::Deployment, WorkloadKind::StatefulSet, WorkloadKind::DaemonSet}) {
      if (api_kind(one) != kind) continue;
      const auto read = read_workload({one, metadata["name"], metadata["namespace"]}, now.dump());
      return read && rollout_of(*read).state == Rollout::State::Finished;
    }
    return false;
  }

  [[nodiscard]] std::string in_space(const std::string& api, const std::string& plural) const {
    return fmt::format("{}/namespaces/{}/{}", api, space_, plural);
  }
  [[nodiscard]] std::string rbac(const char* plural) const {
    return in_space("/apis/rbac.authorization.k8s.io/v1", plural);
  }

  Json pods() {
    return admin_.get(in_space("/api/v1", "pods") + "?labelSelector=app%3Dorders")["items"];
  }

  // The manifest that people are told to load, for the namespace of this test.
  [[nodiscard]] std::string role_of_the_docs() const {
    std::ifstream file(FIELDMEDIC_SOURCE_DIR "/docs/actions.md");
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    const auto at = text.find("kind: Role\n");
    REQUIRE(at != std::string::npos);
    const auto begin = text.rfind("```yaml\n", at) + 8;
    return std::regex_replace(text.substr(begin, text.find("```", at) - begin),
                              std::regex("namespace: collect"), "namespace: " + space_);
  }

  // Rights count a little after the role was written.
  void await_right(const std::string& verb, const std::string& group, const std::string& resource,
                   const std::string& sub, bool wanted) {
    KubernetesAdmin medic(access());
    const Json review{{"spec",
                       {{"resourceAttributes",
                         {{"namespace", space_},
                          {"verb", verb},
                          {"group", group},
                          {"resource", resource},
                          {"subresource", sub},
                          {"name", "orders"}}}}}};
    REQUIRE(eventually(
        [&] {
          const Json answer =
              medic.make("/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", review);
          return answer["status"]["allowed"] == wanted;
        },
        KubernetesAdmin::kPatience));
  }

  // Where the server is, and no credentials.
  [[nodiscard]] KubernetesAccess nobody() const {
    KubernetesAccess access;
    access.server = owner_.server;
    access.name_space = space_;
    access.tls.ca_file = owner_.tls.ca_file;
    access.tls.server_name = owner_.tls.server_name;
    access.material.ca = owner_.material.ca;
    return access;
  }

  KubernetesAccess owner_;
  KubernetesAdmin admin_;
  std::string space_;
  std::string token_;
  TempTree tree_;
  WatchedHttp http_;
};

}  // namespace fieldmedic
