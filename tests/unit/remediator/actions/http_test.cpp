#include "remediator/actions/http.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "tests/catch.hpp"
#include "tests/fakes/fake_http.hpp"
#include "tests/fakes/fake_runner.hpp"
#include "tests/fakes/fake_systemd.hpp"
#include "tests/fakes/manual_clock.hpp"
#include "tests/fakes/one_collector.hpp"
#include "tests/fakes/temp_tree.hpp"

namespace fieldmedic {

namespace {

using core::Applied;
using core::Confirmed;
using Json = nlohmann::json;

constexpr std::chrono::milliseconds kTimeout{7'000};

struct Lab {
  FakeRunner runner;
  FakeSystemd systemd;
  ManualClock clock;
  FakeHttp client;
  std::unique_ptr<Action> http;

  explicit Lab(const std::string& arguments) {
    ConfigErrors errors;
    const std::string read = read_http(parse_yaml("t.yml", arguments, errors));
    INFO(errors.text());
    REQUIRE(errors.empty());
    http = make_http(read, {runner, clock, inventory_of({}), {}, systemd, nullptr, {}, {}, &client})
               .value();
  }
  [[nodiscard]] core::Plan plan(const core::LabelMap& labels = {}) const {
    return http->plan({kOrders, labels}, {}).value();
  }
  [[nodiscard]] ApplyAnswer apply(const core::Plan& plan, std::stop_token stop = {}) const {
    return http->apply({"test-1-1", kOrders, plan, 0, kTimeout}, std::move(stop));
  }
  [[nodiscard]] ConfirmAnswer confirm(const core::Plan& plan) const {
    return http->confirm({"test-1-1", kOrders, plan, 0, kTimeout}, {});
  }
};

std::string header(const HttpRequest& request, std::string_view name) {
  const auto found =
      std::ranges::find(request.headers, name, &std::pair<std::string, std::string>::first);
  return found == request.headers.end() ? "(none)" : found->second;
}

const std::string kPlain = "{url: 'http://h/x', at_most_once: true}";
const std::string kWithConfirm =
    "{url: 'http://h/x', confirm: {url: 'http://h/r/{{ attempt }}/{{ labels.shard }}', "
    "json_pointer: /state, equals: done, failed: [rejected]}}";

}  // namespace

TEST_CASE("http fills placeholders into path and body and sends the attempt") {
  const Lab lab(
      "{url: 'https://h:8443/{{ target.host }}/{{ labels.device }}/start', method: PUT, headers: "
      "{X-Team: medic}, body: '{\"group\": \"{{ target.group }}\", \"id\": \"{{ attempt }}\"}', "
      "at_most_once: true}");
  const auto plan = lab.plan({{"device", "dev/sda"}, {"unused", "; rm -rf /"}});
  REQUIRE(plan.steps.size() == 1);
  CHECK(plan.summary == "PUT https://h:8443/lab/dev%2Fsda/start");
  CHECK(plan.steps[0].confirmable == core::Confirmable::AtMostOnce);
  CHECK(plan.resources == std::vector<std::string>{"host/lab"});
  (void)lab.apply(plan);
  const auto sent = lab.client.sent();
  REQUIRE(sent.size() == 1);
  CHECK(sent[0].method == "PUT");
  CHECK(sent[0].url == "https://h:8443/lab/dev%2Fsda/start");
  CHECK(Json::parse(sent[0].body) == Json({{"group", "local"}, {"id", "test-1-1"}}));
  CHECK(header(sent[0], "Idempotency-Key") == "test-1-1");
  CHECK(header(sent[0], "Content-Type") == "application/json");
  CHECK(header(sent[0], "X-Team") == "medic");
  CHECK(sent[0].timeout == kTimeout);
}

TEST_CASE("http refuses hostile label values by name") {
  const Lab lab("{url: 'http://h/x', body: '{\"s\": \"{{ labels.shard }}\"}', at_most_once: true}");
  for (const char* value : {"", "a b", "\", \"admin\": \"1", "../x", "/etc", "a\r\nX: y", "\xff"}) {
    INFO(value);
    const auto plan = lab.http->plan({kOrders, {{"shard", value}}}, {});
    REQUIRE_FALSE(plan.has_value());
    CHECK(plan.error().code == Errc::Invalid);
    CHECK(plan.error().message.find("labels.shard") == 0);
  }
  CHECK(lab.http->plan({kOrders, {}}, {}).error().message == "the alert has no label 'shard'");
}

TEST_CASE("http asks no other path than the one that is written") {
  const Lab lab("{url: 'http://h/spares/{{ labels.a }}{{ labels.b }}/start', at_most_once: true}");
  const std::pair<const char*, const char*> cases[] = {{"./", "x"}, {"x/", "."}, {".", "."}};
  for (const auto& [a, b] : cases) {
    INFO(a << b);
    const auto plan = lab.http->plan({kOrders, {{"a", a}, {"b", b}}}, {});
    REQUIRE_FALSE(plan);
    CHECK(plan.error().code == Errc::Invalid);
    CHECK(plan.error().message.find("has a part '.' or '..'") != std::string::npos);
  }
  CHECK(lab.http->plan({kOrders, {{"a", ".x"}, {"b", "y.z"}}}, {}));
}

TEST_CASE("http reads its secrets when it sends, and shows them nowhere") {
  const TempTree tree;
  const auto token = tree.write("token", "s3cr3t-token\n");
  const auto key = tree.write("key", "s3cr3t-key\n");
  Lab lab("{url: 'http://h/x', bearer_file: " + token.string() + ", header_files: {X-Api-Key: " +
          key.string() + "}, expect: {json_pointer: /said, equals: ok}, at_most_once: true}");
  const auto plan = lab.plan();
  tree.write("key", "n3w-key\n");
  lab.client.answer(200, R"({"said": "bad token s3cr3t-token with n3w-key"})");
  const auto answer = lab.apply(plan);
  CHECK(answer.outcome == Applied::Refused);
  CHECK(answer.evidence == "HTTP 200, /said is 'bad token *** with ***', not 'ok'");
  const auto sent = lab.client.sent().at(0);
  CHECK(sent.bearer_token->reveal() == "s3cr3t-token");
  CHECK(header(sent, "X-Api-Key") == "n3w-key");
  CHECK(Json(plan.steps[0].wanted).dump().find("s3cr3t") == std::string::npos);

  std::filesystem::remove(token);
  const auto lost = lab.apply(plan);
  CHECK(lost.outcome == Applied::Refused);
  CHECK(lost.evidence.find(token.string()) != std::string::npos);
  CHECK(lab.client.sent().size() == 1);
}

TEST_CASE("http sends nothing once it was cancelled") {
  const Lab lab(kPlain);
  std::stop_source stop;
  stop.request_stop();
  CHECK(lab.apply(lab.plan(), stop.get_token()).outcome == Applied::Refused);
  CHECK(lab.client.sent().empty());
}

TEST_CASE("http tells what each answer says of the order") {
  const std::string value =
      "{url: 'http://h/x', expect: {status: 202, json_pointer: /n/0, equals: 7}, at_most_once: "
      "true}";
  struct Case {
    std::string arguments;
    Result<HttpResponse> response;
    Applied want;
    const char* evidence;
  };
  const auto answer = [](int status, std::string body = "") {
    return HttpResponse{status, std::move(body), {}};
  };
  const Case cases[] = {
      {kPlain, answer(200), Applied::Done, "HTTP 200"},
      {kPlain, answer(204), Applied::Done, "HTTP 204"},
      {kPlain, answer(302), Applied::Unknown, "HTTP 302"},
      {kPlain, answer(400), Applied::Refused, "HTTP 400"},
      {kPlain, answer(404), Applied::Refused, "HTTP 404"},
      {kPlain, answer(429), Applied::Refused, "HTTP 429"},
      {kPlain, answer(408), Applied::Unknown, "HTTP 408"},
      {kPlain, answer(409), Applied::Unknown, "HTTP 409"},
      {kPlain, answer(500), Applied::Unknown, "HTTP 500"},
      {kPlain, answer(503), Applied::Unknown, "HTTP 503"},
      {value, answer(202, R"({"n": [7]})"), Applied::Done, "/n/0 is '7'"},
      {value, answer(200, R"({"n": [7]})"), Applied::Unknown, "HTTP 200"},
      {value, answer(202, R"({"n": [8]})"), Applied::Refused, "/n/0 is '8', not '7'"},
      {value, answer(202, R"({"n": [{"a\n": 1}]})"), Applied::Refused, "is 'a object'"},
      {value, answer(202, R"({"n": []})"), Applied::Unknown, "without /n/0"},
      {value, answer(202, R"({"n": {"x": 1}})"), Applied::Unknown, "without /n/0"},
      {value, answer(202, "<html>"), Applied::Unknown, "no JSON"},
      {kPlain, fail(Errc::Unavailable, "refused"), Applied::Refused, "refused"},
      {kPlain, fail(Errc::NotFound, "no such name"), Applied::Refused, "no such name"},
      {kPlain, fail(Errc::Timeout, "no answer"), Applied::Unknown, "no answer"},
      {kPlain, fail(Errc::Io, "tls"), Applied::Unknown, "tls"},
      {kPlain, fail(Errc::TooLarge, "over"), Applied::Unknown, "over"},
      {kPlain, fail(Errc::Malformed, "not HTTP"), Applied::Unknown, "not HTTP"},
      {kPlain, fail(Errc::Cancelled, "stopped"), Applied::Unknown, "stopped"},
  };
  for (const Case& c : cases) {
    INFO(c.evidence);
    Lab lab(c.arguments);
    lab.client.answer(c.response);
    const auto got = lab.apply(lab.plan());
    CHECK(got.outcome == c.want);
    CHECK(got.evidence.find(c.evidence) != std::string::npos);
    CHECK(got.evidence.find('\n') == std::string::npos);
  }
}

TEST_CASE("http asks the declared request what became of the order") {
  struct Case {
    Result<HttpResponse> response;
    Confirmed want;
  };
  const Case cases[] = {
      {HttpResponse{200, R"({"state": "done"})", {}}, Confirmed::Applied},
      {HttpResponse{200, R"({"state": "rejected"})", {}}, Confirmed::NotApplied},
      {HttpResponse{200, R"({"state": "running"})", {}}, Confirmed::Unknown},
      {HttpResponse{200, "{}", {}}, Confirmed::Unknown},
      {HttpResponse{404, R"({"state": "rejected"})", {}}, Confirmed::Unknown},
      {HttpResponse{500, "", {}}, Confirmed::Unknown},
      {fail(Errc::Unavailable, "refused"), Confirmed::Unknown},
  };
  for (const Case& c : cases) {
    Lab lab(kWithConfirm);
    const auto plan = lab.plan({{"shard", "a/7"}});
    CHECK(plan.steps[0].confirmable == core::Confirmable::Yes);
    lab.client.answer(c.response);
    const auto got = lab.confirm(plan);
    INFO(got.evidence);
    CHECK(got.answer == c.want);
    const auto sent = lab.client.sent().at(0);
    CHECK(sent.method == "GET");
    CHECK(sent.url == "http://h/r/test-1-1/a%2F7");
    CHECK(header(sent, "Idempotency-Key") == "test-1-1");
    CHECK(sent.body.empty());
  }
}

TEST_CASE("http without confirm is unknown, and asks nobody") {
  const Lab lab(kPlain);
  CHECK(lab.confirm(lab.plan()).answer == Confirmed::Unknown);
  CHECK(lab.client.sent().empty());
}

}  // namespace fieldmedic
