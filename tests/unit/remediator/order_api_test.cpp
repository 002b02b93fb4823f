// Orders over HTTP: who may, what is answered, and that 200 means it is on disk.
#include "remediator/order_api.hpp"

#include <thread>

#include "remediator/plan_api.hpp"
#include "remediator/webhook.hpp"
#include "tests/catch.hpp"
#include "tests/fakes/manual_clock.hpp"
#include "tests/fakes/memory_journal.hpp"
#include "tests/fakes/scenario.hpp"

using namespace fieldmedic;

namespace {

class Idle final : public EffectRunner {
 public:
  void start(core::Effect) override {}
};

core::Role role_of(std::string_view user) {
  if (user == "alice") return core::Role::Admin;
  if (user == "alertmanager") return core::Role::Sender;
  return user == "bob" ? core::Role::Operator : core::Role::Viewer;
}

class Desk {
 public:
  Desk() : metrics_(clock_), engine_({journal, clock_, idle_, metrics_, {}, {}}) {
    auto policy = std::make_shared<core::Policy>();
    policy->playbooks["collector-down"] = {};
    policy->targets.insert("collector/orders@h1");
    REQUIRE(engine_.start(policy));
    thread_ = std::thread([this] { CHECK(engine_.run()); });
    REQUIRE(engine_.submit({{core::Scenario().alert()}, {}}) == Intake::Recorded);
    routes_ = order_routes(engine_, role_of);
    routes_.push_back(webhook_route(
        engine_, metrics_, [] { return std::make_shared<const RemediatorConfig>(); }, role_of));
    routes_.push_back(plan_route({{}, {}, engine_, clock_}, role_of));
  }
  ~Desk() {
    engine_.stop();
    thread_.join();
  }

  // By the routes' own rule: exact, or a prefix that ends in '/'.
  ServerResponse call(std::string_view method, const std::string& path, std::string_view user,
                      std::string_view body, std::string_view origin = {}) {
    for (const Route& route : routes_) {
      const bool fits =
          route.path.ends_with('/') ? path.starts_with(route.path) : path == route.path;
      if (route.method != method || !fits) continue;
      ServerRequest request;
      request.method = method;
      request.path = path;
      request.user = user;
      request.body = body;
      request.header = [origin](std::string_view name) { return name == "Origin" ? origin : ""; };
      return route.handler(request);
    }
    return {.status = 405, .body = {}, .headers = {}};
  }
  int post(const std::string& path, std::string_view user, std::string_view body) {
    return call("POST", path, user, body).status;
  }

  // A webhook that is too large, by this user from this page.
  int lose_too_large(std::string_view user, std::string_view origin) {
    ServerRequest request;
    request.user = user;
    request.header = [origin](std::string_view name) { return name == "Origin" ? origin : ""; };
    for (const Route& route : routes_)
      if (route.too_large) return route.too_large(request, 1).status;
    return 405;
  }

  MemoryJournal journal;

 private:
  ManualClock clock_;
  Idle idle_;
  Metrics metrics_;
  Engine engine_;
  std::thread thread_;
  std::vector<Route> routes_;
};

}  // namespace

TEST_CASE("orders: pause and resume are on disk when they are answered") {
  Desk desk;
  CHECK(desk.post("/api/v1/pause", "bob", R"({"scope":"all","reason":"release"})") == 200);
  CHECK(desk.journal.recorded<core::Paused>() == 1);
  const auto brakes = desk.call("GET", "/api/v1/brakes", "eve", "");
  CHECK(brakes.body == "{\"paused\":{\"all\":\"by bob: release\"},\"open_breakers\":{}}\n");
  CHECK(desk.post("/api/v1/pause", "bob", R"({"scope":"all"})") == 409);
  CHECK(desk.post("/api/v1/resume", "bob", R"({"scope":"all"})") == 403);  // for an admin
  CHECK(desk.journal.recorded<core::Unpaused>() == 0);
  CHECK(desk.post("/api/v1/resume", "alice", R"({"scope":"all"})") == 200);
  CHECK(desk.journal.recorded<core::Unpaused>() == 1);
}

TEST_CASE("orders: a viewer gives none") {
  Desk desk;
  for (const char* path : {"/api/v1/pause", "/api/v1/resume", "/api/v1/breakers/close",
                           "/api/v1/incidents/1/cancel", "/api/v1/incidents/1/approve"})
    CHECK(desk.post(path, "eve", R"({"scope":"all","hash":"x"})") == 403);
  CHECK(desk.journal.recorded<core::Paused>() == 0);
  CHECK(desk.journal.recorded<core::Cancelled>() == 0);
}

TEST_CASE("orders: a web page gives none, whoever is logged in there") {
  Desk desk;
  for (const char* path :
       {"/api/v1/pause", "/api/v1/resume", "/api/v1/breakers/close", "/api/v1/incidents/1/cancel",
        "/api/v1/incidents/1/approve", "/api/v1/plan", "/api/v1/alertmanager"})
    CHECK(desk.call("POST", path, "alice", R"({"scope":"all"})", "http://evil").status == 403);
  CHECK(desk.lose_too_large("alice", "http://evil") == 403);
  CHECK(desk.journal.recorded<core::Paused>() == 0);
  CHECK(desk.journal.recorded<core::IntakeLost>() == 0);
}

TEST_CASE("orders: alerts are posted by a sender and those above, who gives no orders by it") {
  Desk desk;
  constexpr std::string_view kNoAlerts = R"({"version":"4","alerts":[]})";
  const auto refused = desk.call("POST", "/api/v1/alertmanager", "eve", kNoAlerts);
  CHECK(refused.status == 403);
  CHECK(refused.body.find("takes the role sender; yours is viewer: give it under 'roles'") !=
        std::string::npos);
  CHECK(desk.lose_too_large("eve", "") == 403);
  CHECK(desk.journal.recorded<core::IntakeLost>() == 0);
  for (const char* user : {"alertmanager", "bob", "alice"})
    CHECK(desk.post("/api/v1/alertmanager", user, kNoAlerts) == 200);
  CHECK(desk.lose_too_large("alertmanager", "") == 413);
  CHECK(desk.journal.recorded<core::IntakeLost>() == 1);
  CHECK(desk.post("/api/v1/pause", "alertmanager", R"({"scope":"all"})") == 403);
}

TEST_CASE("orders: an incident is cancelled once") {
  Desk desk;
  CHECK(desk.post("/api/v1/incidents/1/approve", "bob", R"({"hash":"x"})") == 409);
  CHECK(desk.post("/api/v1/incidents/1/cancel", "bob", R"({"reason":"by hand"})") == 200);
  CHECK(desk.journal.recorded<core::Cancelled>() == 1);
  CHECK(desk.post("/api/v1/incidents/1/cancel", "bob", "") == 404);
}

TEST_CASE("orders: what cannot be read changes nothing") {
  Desk desk;
  const std::string endless = R"({"scope":"all","reason":")" + std::string(501, 'x') + "\"}";
  for (const char* body : {"", "{", "[]", "7", R"({"scope":7})", R"({"scope":"everything"})",
                           R"({"scope":"all","until":"noon"})", endless.c_str()})
    CHECK(desk.post("/api/v1/pause", "alice", body) == 400);
  CHECK(desk.post("/api/v1/incidents/1/approve", "bob", "{}") == 400);
  for (const char* path :
       {"/api/v1/incidents/", "/api/v1/incidents/1", "/api/v1/incidents/x/cancel",
        "/api/v1/incidents/0/cancel", "/api/v1/incidents/1/cancel/2", "/api/v1/incidents/1/close"})
    CHECK(desk.post(path, "alice", "{}") == 404);
  CHECK(desk.journal.recorded<core::Paused>() == 0);
  CHECK(desk.journal.recorded<core::Cancelled>() == 0);
}

TEST_CASE("orders: who may end a temporary change, and that it has to be one") {
  Desk desk;
  CHECK(desk.call("GET", "/api/v1/leases", "eve", "").body == "{\"leases\":[]}\n");
  for (const char* path : {"/api/v1/leases/7/end", "/api/v1/leases/7/settle"}) {
    CHECK(desk.post(path, "eve", "{}") == 403);
    CHECK(desk.post(path, "bob", "{}") == 404);
    CHECK(desk.post(path, "bob", R"({"reason":7})") == 400);
  }
  CHECK(desk.post("/api/v1/leases/7/keep", "bob", "{}") == 404);
  CHECK(desk.post("/api/v1/leases/x/end", "bob", "{}") == 404);
}
