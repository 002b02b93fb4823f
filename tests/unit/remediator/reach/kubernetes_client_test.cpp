#include "remediator/reach/kubernetes_client.hpp"

#include "remediator/reach/kubernetes_status.hpp"
#include "tests/catch.hpp"
#include "tests/fakes/fake_http.hpp"
#include "tests/fakes/temp_tree.hpp"

namespace fieldmedic {

namespace {

using namespace std::chrono_literals;

const WorkloadName kName{WorkloadKind::Deployment, "orders", "collect"};
const WorkloadName kPod{WorkloadKind::Pod, "orders-0", "collect"};

std::string status(int code, const char* reason, const char* message,
                   const char* details = R"({"name": "orders"})") {
  return R"({"kind": "Status", "apiVersion": "v1", "status": "Failure", "code": )" +
         std::to_string(code) + R"(, "reason": ")" + reason + R"(", "message": ")" + message +
         R"(", "details": )" + details + "}";
}

KubernetesAccess with_token(std::string token) {
  KubernetesAccess access;
  access.server = "https://10.0.0.1:6443";
  access.token = Secret(std::move(token));
  access.tls.ca_file = "/ca.crt";
  return access;
}

}  // namespace

TEST_CASE("kubernetes client: what is asked, as whom, and with which bounds") {
  FakeHttp http;
  const KubernetesClient client(with_token("t0k3n"), http);
  http.answer(200, "{}");
  CHECK(client.get(kName, {}) == "{}");
  http.answer(200, "{}");
  CHECK(client.patch(kName, R"({"a":1})", 1'500ms, {}));
  http.answer(201, "{}");
  CHECK(client.evict(kPod, "{}", 2s, {}));
  const auto sent = http.sent();
  REQUIRE(sent.size() == 3);
  CHECK(sent[0].method == "GET");
  CHECK(sent[0].url == "https://10.0.0.1:6443/apis/apps/v1/namespaces/collect/deployments/orders");
  CHECK(sent[0].bearer_token->reveal() == "t0k3n");
  CHECK(sent[0].tls.ca_file == "/ca.crt");
  CHECK(sent[0].tls.verify == TlsClientConfig::Verify::Server);
  CHECK(sent[0].body_limit == 4UL << 20);
  CHECK(sent[1].method == "PATCH");
  CHECK(sent[1].url ==
        "https://10.0.0.1:6443/apis/apps/v1/namespaces/collect/deployments/orders"
        "?fieldManager=fieldmedic&fieldValidation=Strict&timeout=1500ms");
  CHECK(sent[1].headers[1] == std::pair<std::string, std::string>(
                                  "Content-Type", "application/strategic-merge-patch+json"));
  CHECK(sent[1].body == R"({"a":1})");
  CHECK(sent[1].timeout == 1'500ms);
  CHECK(sent[2].method == "POST");
  CHECK(sent[2].url ==
        "https://10.0.0.1:6443/api/v1/namespaces/collect/pods/orders-0/eviction"
        "?fieldManager=fieldmedic&fieldValidation=Strict&timeout=2000ms");
}

TEST_CASE("kubernetes client: a token of a file is read with each request") {
  const TempTree tree;
  tree.write("token", "first");
  FakeHttp http;
  KubernetesAccess access = with_token("");
  access.token_file = (tree.root / "token").string();
  const KubernetesClient client(access, http);
  http.answer(200, "{}");
  REQUIRE(client.get(kName, {}));
  tree.write("token", "second");
  http.answer(200, "{}");
  REQUIRE(client.get(kName, {}));
  CHECK(http.sent()[0].bearer_token->reveal() == "first");
  CHECK(http.sent()[1].bearer_token->reveal() == "second");
  std::filesystem::remove(tree.root / "token");
  const auto without = client.get(kName, {});
  REQUIRE_FALSE(without);
  CHECK(without.error().code == Errc::Denied);
  CHECK(http.sent().size() == 2);
}

TEST_CASE("kubernetes client: each refusal says what to do") {
  struct Case {
    int code;
    std::string body;
    Errc wanted;
    const char* text;
  };
  const Case cases[] = {
      {400, status(400, "BadRequest", "strict decoding error: unknown field"), Errc::Invalid,
       "collect: the API server answered 400 BadRequest, to be asked again after 7 s (strict "
       "decoding error: unknown field)"},
      {401, status(401, "Unauthorized", "Unauthorized"), Errc::Denied, "still valid"},
      {403, status(403, "Forbidden", "cannot get resource"), Errc::Denied,
       "give the role this verb (docs/actions.md has the manifest) (cannot get resource)"},
      {404, status(404, "NotFound", "not found"), Errc::NotFound, "404 NotFound"},
      {404, status(404, "NotFound", "could not find the requested resource", "{}"), Errc::Invalid,
       "is it a Kubernetes API server"},
      {404, "404 page not found", Errc::Invalid, "is it a Kubernetes API server"},
      {405, "", Errc::Invalid, "405"},
      {409, status(409, "Conflict", "the object has been modified"), Errc::Conflict,
       "it changed meanwhile"},
      {410, status(410, "Expired", "too old resource version"), Errc::Unavailable, "ask anew"},
      {415, status(415, "UnsupportedMediaType", "x"), Errc::Invalid, "415"},
      {422, status(422, "Invalid", "metadata.uid: field is immutable"), Errc::Invalid,
       "found invalid"},
      {429, status(429, "TooManyRequests", "too many requests"), Errc::Unavailable,
       "429 TooManyRequests, to be asked again after 7 s"},
      {301, "", Errc::Invalid, "redirect is not followed"},
      {500, status(500, "InternalError", "etcdserver: timed out"), Errc::Io, "timed out"},
      {503, "", Errc::Io, "503"},
      {600, "", Errc::Io, "600"},
  };
  for (const Case& wanted : cases) {
    INFO(wanted.code << " " << wanted.body);
    FakeHttp http;
    http.answer(HttpResponse{wanted.code, wanted.body, {{"retry-after", "7"}}});
    const auto answer = KubernetesClient(with_token("t0k3n"), http).get(kName, {});
    REQUIRE_FALSE(answer);
    CHECK(answer.error().code == wanted.wanted);
    CHECK_THAT(answer.error().message, Catch::StartsWith("get deployment/orders in collect: ") &&
                                           Catch::Contains(wanted.text));
  }
}

TEST_CASE("kubernetes client: a budget that forbids is named") {
  FakeHttp http;
  http.answer(429,
              status(429, "TooManyRequests",
                     "Cannot evict pod as it would violate the pod's disruption budget.",
                     R"({"causes": [{"reason": "DisruptionBudget", "message": "The disruption )"
                     R"(budget orders needs 3 healthy pods and has 3 currently"}]})"));
  const auto refused = KubernetesClient(with_token("t0k3n"), http).evict(kPod, "{}", 1s, {});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == Errc::Unavailable);
  CHECK(refused.error().message ==
        "evict pod/orders-0 in collect: its disruption budget forbids it now: The disruption "
        "budget orders needs 3 healthy pods and has 3 currently");
  CHECK_FALSE(budget_that_forbids({429, status(429, "TooManyRequests", "x"), {}}));
  CHECK_FALSE(budget_that_forbids({429, "{\"details\": {\"causes\": [1]}}", {}}));
}

TEST_CASE("kubernetes client: no error holds the token, and none is long or of many lines") {
  FakeHttp http;
  http.answer(403, status(403, "Forbidden", R"(you sent Bearer t0k3n\nand t0k3n)"));
  http.answer(500, std::string(100'000, 'x'));
  http.answer(500, status(500, std::string(5'000, 'r').c_str(), std::string(5'000, 'm').c_str()));
  http.answer(500, std::string(290, 'x') + "t0k3n-" + std::string(1'000, 'z'));
  http.answer(HttpResponse{429, "", {{"retry-after", std::string(298, ' ') + "t0k3n"}}});
  const KubernetesClient client(with_token("t0k3n"), http);
  const std::string echoed = client.get(kName, {}).error().message;
  CHECK_THAT(echoed, Catch::Contains("you sent Bearer … and …"));
  CHECK(client.get(kName, {}).error().message.size() < 1'000);
  CHECK(client.get(kName, {}).error().message.size() < 1'000);
  // What is shown is cut: a token that is cut with it would not be known again.
  const std::string token = "t0k3n-" + std::string(1'000, 'z');
  const KubernetesClient of_long_token(with_token(token), http);
  CHECK_THAT(of_long_token.get(kName, {}).error().message, !Catch::Contains("t0k3n"));
  CHECK_THAT(client.get(kName, {}).error().message, !Catch::Contains("t0"));
}

TEST_CASE("kubernetes client: a server that is away says nothing about the object") {
  FakeHttp http;
  http.answer(fail(Errc::NotFound, "no address"));
  http.answer(fail(Errc::Timeout, "no answer"));
  const KubernetesClient client(with_token("t0k3n"), http);
  CHECK(client.get(kName, {}).error().code == Errc::Unavailable);
  CHECK(client.get(kName, {}).error().code == Errc::Timeout);
}

TEST_CASE("kubernetes client: one for each host that is reached so") {
  FakeHttp http;
  Inventory inventory;
  HostSpec cluster{"cluster", Reach::Kubernetes};
  cluster.kubernetes = std::make_shared<const KubernetesAccess>(with_token("t0k3n"));
  inventory.groups.push_back({"g", {HostSpec{"lab", Reach::Local}, cluster}, {}});
  const auto hosts = make_kubernetes_hosts(inventory, http);
  REQUIRE(hosts->size() == 1);
  CHECK(hosts->at("cluster")->name_space() == "default");
}

}  // namespace fieldmedic
