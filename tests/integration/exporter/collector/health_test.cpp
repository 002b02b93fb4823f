// Probes and peers on loopback: well, refused, hung, and with a certificate that is not trusted.
#include "exporter/collector/health.hpp"

#include <thread>

#include "common/process_runner.hpp"
#include "tests/catch.hpp"
#include "tests/fakes/eventually.hpp"
#include "tests/fakes/free_port.hpp"
#include "tests/fakes/loopback_listener.hpp"
#include "tests/fakes/own_child.hpp"
#include "tests/fakes/samples.hpp"
#include "tests/fakes/temp_tree.hpp"

namespace fieldmedic {
namespace {

using namespace std::chrono_literals;

// Never destroyed: threads of probes that hang outlive their module and the end of main.
const SystemClock& kClock = *new SystemClock;

// Answers every connection alike.
class CannedServer {
 public:
  explicit CannedServer(std::string answer) : answer_(std::move(answer)) {
    listener_.listen(16);
    thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
  }
  ~CannedServer() {
    thread_.request_stop();
    shutdown(listener_.descriptor(), SHUT_RDWR);
  }
  CannedServer(const CannedServer&) = delete;
  CannedServer& operator=(const CannedServer&) = delete;

  [[nodiscard]] std::string url() const { return "http://" + listener_.address() + "/health"; }

 private:
  void run(const std::stop_token& stop) const {
    while (!stop.stop_requested()) {
      const FileDescriptor peer(accept4(listener_.descriptor(), nullptr, nullptr, SOCK_CLOEXEC));
      char request[4096];
      if (!peer || recv(peer.get(), request, sizeof request, 0) <= 0) continue;
      if (send(peer.get(), answer_.data(), answer_.size(), MSG_NOSIGNAL) < 0) continue;
    }
  }

  std::string answer_;
  LoopbackListener listener_;
  std::jthread thread_;
};

CollectorConfig collector(std::vector<ProbeConfig> health, std::vector<ProbeConfig> peers = {}) {
  CollectorConfig config;
  config.name = "orders";
  config.health = std::move(health);
  config.peers = std::move(peers);
  return config;
}

}  // namespace

TEST_CASE("health: what is well and what is not, and when it was asked") {
  const CannedServer well("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nup");
  const CannedServer sick("HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n");
  const LoopbackListener refused;
  HealthModule module({collector({{.url = well.url(), .timeout = 20s},
                                  {.url = sick.url(), .timeout = 20s},
                                  {.address = refused.address()}})},
                      kClock);
  const auto value = [&](const char* name, const std::string& url) {
    return sample(module.collect({}), name, "orders", url);
  };
  CHECK(eventually([&] { return value("collector_health_up", well.url()) == 1; }));
  CHECK(value("collector_health_status_code", well.url()) == 200);
  CHECK(value("collector_health_duration_seconds", well.url()) > 0);
  const double now = std::chrono::duration<double>(kClock.wall().time_since_epoch()).count();
  CHECK(value("collector_health_timestamp_seconds", well.url()).value() == Approx(now).margin(60));
  CHECK(eventually([&] { return value("collector_health_up", sick.url()) == 0; }));
  CHECK(value("collector_health_status_code", sick.url()) == 503);
  const auto tcp = "tcp://" + refused.address();
  CHECK(eventually([&] { return value("collector_health_up", tcp) == 0; }));
  CHECK_FALSE(value("collector_health_status_code", tcp));
  CHECK(module.remarks().size() == 2);
}

TEST_CASE("health: a peer that dies and comes back is seen") {
  const LoopbackListener peer;
  HealthModule module({collector({}, {{.address = peer.address(), .interval = 20ms}})}, kClock);
  const auto up = [&] {
    return sample(module.collect({}), "collector_peer_up", "orders", peer.address());
  };
  CHECK(eventually([&] { return up() == 0; }));
  peer.listen(16);
  CHECK(eventually([&] { return up() == 1; }));
}

TEST_CASE("health: a URL that hangs costs its own samples only") {
  const LoopbackListener silent;  // accepts, and never answers
  silent.listen(16);
  const auto hung = "http://" + silent.address() + "/";
  const CannedServer well("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nup");
  HealthModule module(
      {collector({{.url = hung, .timeout = 60s}, {.url = well.url(), .timeout = 20s}},
                 {{.address = silent.address()}})},
      kClock);
  const auto value = [&](const char* name, const std::string& url) {
    return sample(module.collect({}), name, "orders", url);
  };
  CHECK(eventually([&] { return value("collector_health_up", well.url()) == 1; }));
  CHECK(eventually([&] { return value("collector_peer_up", silent.address()) == 1; }));
  CHECK_FALSE(value("collector_health_up", hung));
  CHECK_FALSE(value("collector_health_timestamp_seconds", hung));
}

TEST_CASE("health: a URL that is silent for its timeout is down") {
  const LoopbackListener silent;
  silent.listen(16);
  const auto url = "http://" + silent.address() + "/";
  HealthModule module({collector({{.url = url, .timeout = 100ms}})}, kClock);
  CHECK(eventually(
      [&] { return sample(module.collect({}), "collector_health_up", "orders", url) == 0; }));
}

TEST_CASE("health: a certificate that is not trusted leaves it open whether the URL is well") {
  const TempTree tree;
  const auto key = (tree.root / "key.pem").native();
  const auto certificate = (tree.root / "cert.pem").native();
  const auto made = LocalProcessRunner().run(
      {.argv = {"/usr/bin/openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", "/CN=orders", "-addext",
                "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate},
       .environment = {}},
      {});
  REQUIRE(made);
  REQUIRE(made->exit_code == 0);
  const std::string address = "127.0.0.1:" + std::to_string(free_port());
  const OwnChild server({"/usr/bin/openssl", "s_server", "-accept", address, "-www", "-cert",
                         certificate, "-key", key});
  REQUIRE(server.running);
  const auto url = "https://" + address + "/";
  HealthModule stranger({collector({{.url = url, .interval = 50ms, .timeout = 20s}})}, kClock);
  HealthModule friendly(
      {collector({{.url = url, .interval = 50ms, .timeout = 20s, .ca_file = certificate}})},
      kClock);
  const auto up = [&](HealthModule& module) {
    return sample(module.collect({}), "collector_health_up", "orders", url);
  };
  CHECK(eventually([&] { return up(friendly) == 1; }));
  CHECK(eventually([&] {
    const auto remarks = stranger.remarks();
    return remarks.size() == 1 && remarks.front().text.contains("certificate");
  }));
  CHECK_FALSE(up(stranger));
  CHECK(sample(stranger.collect({}), "collector_health_timestamp_seconds", "orders", url));
}

}  // namespace fieldmedic
