// The action against a real server: what arrives, and an answer that is lost.
#include "remediator/actions/http.hpp"

#include <mutex>
#include <utility>

#include <fmt/format.h>

#include "common/http_server.hpp"
#include "tests/catch.hpp"
#include "tests/fakes/fake_runner.hpp"
#include "tests/fakes/fake_systemd.hpp"
#include "tests/fakes/loopback_listener.hpp"
#include "tests/fakes/manual_clock.hpp"
#include "tests/fakes/one_collector.hpp"
#include "tests/fakes/own_attempt.hpp"
#include "tests/fakes/temp_tree.hpp"

namespace fieldmedic {

namespace {

using core::Applied;
using core::Confirmed;

// Takes orders and answers what became of them.
struct FarSide {
  std::mutex mutex;
  std::string path, authorization, key, body, asked;
  std::unique_ptr<HttpServer> server;

  FarSide() {
    Route take;
    take.method = "POST";
    take.path = "/spares/";
    take.handler = [this](const ServerRequest& request) {
      const std::lock_guard lock(mutex);
      path = request.path;
      authorization = request.header("Authorization");
      key = request.header("Idempotency-Key");
      body = request.body;
      return ServerResponse{202, "application/json", "{}", {}};
    };
    Route tell;
    tell.method = "GET";
    tell.path = "/requests/";
    tell.handler = [this](const ServerRequest& request) {
      const std::lock_guard lock(mutex);
      asked = request.path;
      return ServerResponse{200, "application/json", R"({"state":"done"})", {}};
    };
    ServerOptions options;
    options.listen_address = "127.0.0.1:0";
    auto started = HttpServer::start(std::move(options), {std::move(take), std::move(tell)});
    REQUIRE(started);
    server = *std::move(started);
  }
};

struct Lab {
  FakeRunner runner;
  FakeSystemd systemd;
  ManualClock clock;
  CurlHttpClient client;
  std::unique_ptr<Action> http;
  core::Plan plan;

  explicit Lab(const std::string& arguments) {
    ConfigErrors errors;
    const std::string read = read_http(parse_yaml("t.yml", arguments, errors));
    INFO(errors.text());
    REQUIRE(errors.empty());
    http = make_http(read, {runner, clock, inventory_of({}), {}, systemd, nullptr, {}, {}, &client})
               .value();
    plan = http->plan({kOrders, {{"shard", "a/7"}}}, {}).value();
  }
  [[nodiscard]] ApplyRequest request(std::chrono::milliseconds timeout) const {
    return {own_attempt(), kOrders, plan, 0, timeout};
  }
};

}  // namespace

TEST_CASE("http orders, and asks a real server what became of it") {
  FarSide far;
  const TempTree tree;
  const auto token = tree.write("token", "t0ken\n");
  const Lab lab(fmt::format(
      "{{url: 'http://127.0.0.1:{0}/spares/{{{{ labels.shard }}}}', bearer_file: {1}, body: "
      "'{{\"name\": \"{{{{ target.name }}}}\"}}', expect: {{status: 202}}, confirm: {{url: "
      "'http://127.0.0.1:{0}/requests/{{{{ attempt }}}}', json_pointer: /state, equals: done}}}}",
      far.server->port(), token.string()));
  const auto applied = lab.http->apply(lab.request(std::chrono::seconds(60)), {});
  INFO(applied.evidence);
  CHECK(applied.outcome == Applied::Done);
  CHECK(far.authorization == "Bearer t0ken");
  CHECK(far.key == own_attempt());
  CHECK(far.body == R"({"name": "orders"})");
  CHECK(far.path.starts_with("/spares/a"));
  CHECK(lab.http->confirm(lab.request(std::chrono::seconds(60)), {}).answer == Confirmed::Applied);
  CHECK(far.asked == "/requests/" + own_attempt());
}

TEST_CASE("http does not know what a silent server did, and knows that an absent one did nothing") {
  const LoopbackListener listener;
  const Lab lab(fmt::format("{{url: 'http://{}/x', at_most_once: true}}", listener.address()));
  CHECK(lab.http->apply(lab.request(std::chrono::seconds(60)), {}).outcome == Applied::Refused);
  listener.listen(4);
  CHECK(lab.http->apply(lab.request(std::chrono::seconds(2)), {}).outcome == Applied::Unknown);
}

}  // namespace fieldmedic
