// The channels over a real socket: what arrives, and what a server's answer does.
#include <mutex>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "common/http_server.hpp"
#include "remediator/notify/notifier.hpp"
#include "tests/catch.hpp"
#include "tests/fakes/manual_clock.hpp"
#include "tests/fakes/temp_tree.hpp"

namespace fieldmedic {
namespace {

using core::Delivery;

struct Gateway {
  std::mutex mutex;
  std::string query, authorization, content_type, body;
  ServerResponse answer{200, "application/json", R"({"errcode":0,"errmsg":"ok"})", {}};
  std::unique_ptr<HttpServer> server;

  Gateway() {
    const auto take = [this](const ServerRequest& request) {
      const std::lock_guard lock(mutex);
      query = request.query;
      authorization = request.header("Authorization");
      content_type = request.header("Content-Type");
      body = request.body;
      return answer;
    };
    Route route;
    route.method = "POST";
    route.path = "/send";
    route.handler = take;
    ServerOptions options;
    options.listen_address = "127.0.0.1:0";
    auto started = HttpServer::start(std::move(options), {std::move(route)});
    REQUIRE(started);
    server = *std::move(started);
  }
  [[nodiscard]] std::string url() const {
    return fmt::format("http://127.0.0.1:{}/send", server->port());
  }
};

struct Channel {
  CurlHttpClient http;
  ManualClock clock;
  std::unique_ptr<Notifier> notifier;

  explicit Channel(const std::string& yaml) {
    ConfigErrors errors;
    notifier = read_notifier(parse_yaml("r.yml", yaml, errors), {http, clock});
    INFO(errors.text());
    REQUIRE(notifier);
  }
  DeliveryAnswer deliver() {
    return notifier->deliver(7, {core::MessageKind::Recovered, "Recovered: 采集器", {}}, {});
  }
};

std::string secret_file(const TempTree& folder, const char* name) {
  return (folder.root / name).string();
}

TEST_CASE("a robot's message arrives over a socket with its key in the query") {
  Gateway gateway;
  const TempTree secrets({{"key", std::string("robot-key-1\n")}});
  Channel robot(fmt::format("wecom_robot: {{key_file: {}, url: '{}'}}", secret_file(secrets, "key"),
                            gateway.url()));
  CHECK(robot.deliver().outcome == Delivery::Delivered);
  CHECK(gateway.query == "key=robot-key-1");
  CHECK(gateway.content_type == "application/json");
  CHECK(nlohmann::json::parse(gateway.body).at("markdown").at("content") ==
        "## <font color=\"info\">Recovered: 采集器</font>");

  gateway.answer.body = R"({"errcode":93000,"errmsg":"invalid webhook url robot-key-1"})";
  const auto refused = robot.deliver();
  CHECK(refused.outcome == Delivery::Refused);
  CHECK(refused.detail == "errcode 93000: invalid webhook url ***");
}

TEST_CASE("a gateway is authenticated and its rule is read from a real answer") {
  Gateway gateway;
  const TempTree secrets({{"password", std::string("sesame\n")}});
  Channel sms(
      fmt::format("http: {{url: '{}', username: medic, password_file: {}, body: "
                  "'{{\"t\":\"{{{{ message.title }}}}\"}}', success: {{json_pointer: /Code, "
                  "equals: OK}}}}",
                  gateway.url(), secret_file(secrets, "password")));
  gateway.answer.body = R"({"Code":"OK"})";
  CHECK(sms.deliver().outcome == Delivery::Delivered);
  CHECK(gateway.authorization == "Basic bWVkaWM6c2VzYW1l");
  CHECK(gateway.body == R"({"t":"Recovered: 采集器"})");
  gateway.answer.status = 503;
  CHECK(sms.deliver().outcome == Delivery::Retry);
}

TEST_CASE("a channel whose server is gone may be tried again and does not tell its key") {
  auto gateway = std::make_unique<Gateway>();
  const TempTree secrets({{"key", std::string("robot-key-1\n")}});
  Channel robot(fmt::format("wecom_robot: {{key_file: {}, url: '{}'}}", secret_file(secrets, "key"),
                            gateway->url()));
  gateway.reset();
  const auto answer = robot.deliver();
  CHECK(answer.outcome == Delivery::Retry);
  CHECK(answer.detail.find("robot-key-1") == std::string::npos);
}

}  // namespace
}  // namespace fieldmedic
