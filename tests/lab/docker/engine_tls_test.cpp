// A real Docker Engine behind TCP with TLS (dockerd --tlsverify), as that of another host.
#include "remediator/actions/actions.hpp"
#include "remediator/reach/docker_engine.hpp"
#include "tests/catch.hpp"
#include "tests/fakes/certificates.hpp"
#include "tests/fakes/docker_host.hpp"
#include "tests/fakes/fake_runner.hpp"
#include "tests/fakes/fake_systemd.hpp"
#include "tests/fakes/far_host.hpp"
#include "tests/fakes/free_port.hpp"
#include "tests/fakes/own_attempt.hpp"
#include "tests/fakes/real_engine.hpp"

namespace fieldmedic {
namespace {

using core::Applied;
using core::Confirmed;
using namespace std::chrono_literals;

constexpr const char* kPolite =
    "trap 'exit 0' TERM; echo hello; while :; do busybox sleep 0.1; done";
constexpr const char* kTwo = "orders-fieldmedic-2";

struct Certificates {
  TempTree tree;
  Authority authority{tree, "ca"};
  Authority other{tree, "other"};

  Certificates() {
    authority.sign("engine", "IP:127.0.0.1");
    authority.sign("elsewhere", "DNS:elsewhere.example");
    authority.sign_expired("stale", "IP:127.0.0.1");
    authority.sign("medic", "DNS:medic");
    authority.sign_expired("old", "DNS:medic");
    other.sign("stranger", "DNS:medic");
  }
};

// An engine that shows the certificate `shown`, and an SSH host whose engine it is.
struct Lab {
  Certificates certificates;
  std::string port = std::to_string(free_port());
  DockerHost docker;
  CurlHttpClient http;
  FakeRunner runner;
  FakeSystemd systemd;
  std::vector<std::string> left;

  explicit Lab(const std::string& shown)
      : docker({"-H", "tcp://127.0.0.1:" + port, "--tlsverify", "--tlscacert",
                certificates.authority.certificate(), "--tlscert",
                certificates.authority.pem(shown), "--tlskey", certificates.authority.key(shown)}) {
  }
  ~Lab() { docker.docker({"rm", "-f", kTwo}); }

  [[nodiscard]] EngineAccess access(const std::string& who = "medic") const {
    EngineAccess access;
    access.server.url = "https://127.0.0.1:" + port;
    access.server.tls.ca_file = certificates.authority.certificate();
    if (!who.empty()) access.server.tls.cert_file = certificates.authority.pem(who);
    if (!who.empty()) access.server.tls.key_file = certificates.authority.key(who);
    return access;
  }
  // Of an engine that cannot be spoken to.
  std::string trouble(const EngineAccess& by) {
    const auto seen = make_docker_engine(by, http, system_clock())->inspect("orders", {});
    REQUIRE_FALSE(seen);
    CHECK(seen.error().code == Errc::Unavailable);
    return seen.error().message;
  }
  // The engine's word on a certificate of ours may be lost: it closes the connection right after
  // it, on which our request arrives.
  bool is_told(const EngineAccess& by, const char* words) {
    return eventually([&] { return trouble(by).contains(words); });
  }
  std::unique_ptr<Action> action(const core::Spec& spec) {
    Inventory inventory = *far_inventory_of({});
    inventory.groups[0].hosts[0].engine = access();
    ActionTools tools{runner, system_clock(), std::make_shared<const Inventory>(inventory),
                      {},     systemd,        nullptr};
    tools.containers = make_docker_engine({.socket = "/nowhere"}, http, system_clock());
    tools.engines = make_host_engines(inventory, http, system_clock());
    tools.evidence = docker.folder() / "evidence";
    return make_action(spec, tools).value();
  }
};

}  // namespace

TEST_CASE("docker over TLS: another host's container is restarted, cloned and its clone removed") {
  const auto made = docker_lab<Lab>("engine");
  if (!made) return;
  REQUIRE(made->docker.run_container("orders", kPolite));
  const auto engine = make_docker_engine(made->access(), made->http, system_clock());
  const auto before = engine->inspect("orders", {}).value().started_at;
  const auto restart = made->action(
      {"container_restart", R"({"container":"orders","grace_ms":2000,"log_lines":100})"});
  const auto plan = restart->plan({kOrders, {}}, {});
  REQUIRE(plan);
  CHECK(plan->resources.front().starts_with("host/lab/container/"));
  carry_out(*restart, *plan, made->left);
  CHECK(engine->inspect("orders", {}).value().started_at != before);
  CHECK(restart->apply({own_attempt(), kOrders, *plan, 1, 30s}, {}).outcome ==
        Applied::WorldDiffers);

  const auto scale =
      made->action({"scale_out", R"({"unit":"","container":"orders","max":2,"step":1})"});
  const auto more = scale->plan({kOrders, {}}, {});
  REQUIRE(more);
  carry_out(*scale, *more, made->left);
  CHECK(engine->inspect(kTwo, {}).value().running);
  const auto undo = scale->plan_undo({kOrders, {}, own_attempt(), *more, made->left}, {});
  REQUIRE(undo);
  carry_out(*scale, *undo, made->left);
  CHECK(engine->inspect(kTwo, {}).error().code == Errc::NotFound);
}

TEST_CASE("docker over TLS: whom the engine does not believe is told what to do") {
  const auto made = docker_lab<Lab>("engine");
  if (!made) return;
  CHECK(made->is_told(made->access(""), "wants a certificate of us: name one"));
  CHECK(made->is_told(made->access("stranger"), "does not believe our certificate"));
  std::string old;
  CHECK(eventually([&] { return (old = made->trouble(made->access("old"))).contains("expired"); }));
  INFO(old);
  CHECK(old.contains("cert_file"));
  EngineAccess wrong = made->access();
  wrong.server.tls.ca_file = made->certificates.other.certificate();
  CHECK(made->trouble(wrong).contains("an authority that is not believed here"));
  EngineAccess named = made->access();
  named.server.tls.server_name = "engine.example";
  CHECK(made->trouble(named).contains("names another host"));
  EngineAccess silent = made->access();
  silent.server.url = "https://127.0.0.1:" + std::to_string(free_port());
  CHECK(made->trouble(silent).contains(silent.server.url));
}

TEST_CASE("docker over TLS: an engine whose certificate has expired is not spoken to") {
  const auto made = docker_lab<Lab>("stale");
  if (!made) return;
  CHECK(made->trouble(made->access()).contains("has expired: renew it over there"));
}

TEST_CASE("docker over TLS: an engine whose certificate names another is one by that name only") {
  const auto made = docker_lab<Lab>("elsewhere");
  if (!made) return;
  EngineAccess access = made->access();
  CHECK(made->trouble(access).contains("names another host"));
  access.server.tls.server_name = "elsewhere.example";
  const auto seen = make_docker_engine(access, made->http, system_clock())->inspect("orders", {});
  REQUIRE_FALSE(seen);
  CHECK(seen.error().code == Errc::NotFound);
}

}  // namespace fieldmedic
