#include "remediator/notify/http_notifier.hpp"

#include <nlohmann/json.hpp>

#include "remediator/notify/body_encoding.hpp"
#include "tests/unit/remediator/notify/notifier_fixture.hpp"

namespace fieldmedic {
namespace {

using core::Delivery;
using namespace std::chrono_literals;

constexpr const char* kSms = R"(
http:
  url: https://sms.example/send?v=2
  headers: {X-App: fieldmedic}
  username: medic
  password_file: {password}
  timeout: 3s
  body: '{"phone":"13800001111","text":"{{ message.text }}","kind":"{{ message.kind }}","ref":{{ message.id }}}'
  success: {json_pointer: /Code, equals: OK}
)";

TEST_CASE_METHOD(NotifierFixture, "a gateway is sent the filled body") {
  const auto gateway = read_good(kSms);
  http.answer(200, R"({"Code":"OK"})");
  const auto answer = deliver(*gateway);
  CHECK(answer.outcome == Delivery::Delivered);
  CHECK(answer.detail == "HTTP 200");
  const auto request = http.sent().at(0);
  CHECK(request.method == "POST");
  CHECK(request.url == "https://sms.example/send?v=2");
  CHECK(request.headers == std::vector<std::pair<std::string, std::string>>{
                               {"X-App", "fieldmedic"}, {"Content-Type", "application/json"}});
  REQUIRE(request.basic_auth);
  CHECK(request.basic_auth->username == "medic");
  CHECK(request.basic_auth->password.reveal() == "open sesame");
  CHECK_FALSE(request.bearer_token);
  CHECK(request.timeout == 3s);
  CHECK(
      request.body ==
      R"({"phone":"13800001111","text":"Needs a person: collector/orders@sh-01\nalert: CollectorDown\noutcome: 磁盘满","kind":"handed_over","ref":7})");
}

TEST_CASE_METHOD(NotifierFixture, "a gateway may want a bearer token and another method") {
  const auto gateway = read_good(
      "http: {url: 'http://h/p', method: PUT, bearer_file: {password}, content_type: text/plain, "
      "body: '{{ message.title }}'}");
  http.answer(204, "");
  CHECK(deliver(*gateway).outcome == Delivery::Delivered);
  const auto request = http.sent().at(0);
  CHECK(request.method == "PUT");
  REQUIRE(request.bearer_token);
  CHECK(request.bearer_token->reveal() == "open sesame");
  CHECK(request.body == "Needs a person: collector/orders@sh-01");
}

TEST_CASE("values cannot leave their place in a body") {
  const core::Message hostile{core::MessageKind::SelfAlert, "\"},{\"x\":\"\\ & = % + 告\n\x80", {}};
  const struct {
    const char* name;
    const char* yaml;
    std::string want;
  } cases[] = {
      {"JSON", R"(http: {url: 'http://h', body: '{"t":"{{ message.title }}"}'})",
       R"({"t":"\"},{\"x\":\"\\ & = % + 告 )"
       "\xEF\xBF\xBD\"}"},
      {"form",
       "http: {url: 'http://h', content_type: application/x-www-form-urlencoded, body: 'a=1&t={{ "
       "message.title }}'}",
       "a=1&t=%22%7D%2C%7B%22x%22%3A%22%5C%20%26%20%3D%20%25%20%2B%20%E5%91%8A%20%EF%BF%BD"},
      {"plain",
       "http: {url: 'http://h', content_type: text/plain; charset=utf-8, body: '{{ message.title "
       "}}'}",
       "\"},{\"x\":\"\\ & = % + 告 \xEF\xBF\xBD"},
  };
  for (const auto& c : cases) DYNAMIC_SECTION(c.name) {
      NotifierFixture fixture;
      fixture.http.answer(200, "");
      CHECK(deliver(*fixture.read_good(c.yaml), hostile).outcome == Delivery::Delivered);
      CHECK(fixture.http.sent().at(0).body == c.want);
    }
}

TEST_CASE("a value is never read as a template") {
  NotifierFixture fixture;
  fixture.http.answer(200, "");
  const auto gateway = fixture.read_good(
      "http: {url: 'http://h', content_type: text/plain, body: '{{ message.title }}'}");
  CHECK(deliver(*gateway, {core::MessageKind::SelfAlert, "{{ message.id }}", {}}).outcome ==
        Delivery::Delivered);
  CHECK(fixture.http.sent().at(0).body == "{{ message.id }}");
}

TEST_CASE("a gateway's answer is judged by status and by its rule") {
  const struct {
    const char* name;
    int status;
    std::string body;
    Delivery outcome;
    const char* detail;
  } cases[] = {
      {"ok", 200, R"({"Code":"OK"})", Delivery::Delivered, "HTTP 200"},
      {"created", 201, R"({"Code":"OK"})", Delivery::Delivered, "HTTP 201"},
      {"failure inside of 200", 200, R"({"Code":"isv.BUSINESS_LIMIT_CONTROL"})", Delivery::Refused,
       "HTTP 200: /Code is 'isv.BUSINESS_LIMIT_CONTROL', not 'OK'"},
      {"the secret echoed", 200, R"({"Code":"open sesame?"})", Delivery::Refused,
       "HTTP 200: /Code is '***?', not 'OK'"},
      {"no code", 200, R"({"code":"OK"})", Delivery::Refused, "HTTP 200: the answer has no /Code"},
      {"a number", 200, R"({"Code":0})", Delivery::Refused, "HTTP 200: /Code is '0', not 'OK'"},
      {"an object", 200, R"({"Code":{}})", Delivery::Refused,
       "HTTP 200: /Code is 'a object', not 'OK'"},
      {"not JSON", 200, "OK", Delivery::Retry, "HTTP 200: the answer is not JSON"},
      {"a captive portal", 200, "<html>Please log in</html>", Delivery::Retry,
       "HTTP 200: the answer is not JSON"},
      {"deep", 200, std::string(50'000, '['), Delivery::Retry, "HTTP 200: the answer is not JSON"},
      {"a list", 200, R"(["OK"])", Delivery::Refused, "HTTP 200: the answer has no /Code"},
      {"a server error", 503, R"({"Code":"OK"})", Delivery::Retry, "HTTP 503"},
      {"too many", 429, "", Delivery::Retry, "HTTP 429"},
      {"too slow", 408, "", Delivery::Retry, "HTTP 408"},
      {"wrong password", 401, "", Delivery::Refused, "HTTP 401"},
      {"a redirect", 301, "", Delivery::Refused, "HTTP 301"},
  };
  for (const auto& c : cases) DYNAMIC_SECTION(c.name) {
      NotifierFixture fixture;
      const auto gateway = fixture.read_good(kSms);
      fixture.http.answer(c.status, c.body);
      const auto answer = deliver(*gateway);
      CHECK(answer.outcome == c.outcome);
      CHECK(answer.detail == c.detail);
    }
}

TEST_CASE("a rule may look into lists and at numbers") {
  const std::string yaml = "http: {url: 'http://h', body: '{}', success: {json_pointer: ";
  const struct {
    const char* rule;
    const char* body;
    Delivery outcome;
  } cases[] = {
      {"/Response/SendStatusSet/0/Code, equals: Ok",
       R"({"Response":{"SendStatusSet":[{"Code":"Ok"}]}})", Delivery::Delivered},
      {"/Response/SendStatusSet/1/Code, equals: Ok",
       R"({"Response":{"SendStatusSet":[{"Code":"Ok"}]}})", Delivery::Refused},
      {"/list/x, equals: Ok", R"({"list":["Ok"]})", Delivery::Refused},
      {"/list/-, equals: Ok", R"({"list":["Ok"]})", Delivery::Refused},
      {"/list/99999999999999999999, equals: Ok", R"({"list":["Ok"]})", Delivery::Refused},
      {"/code, equals: '0'", R"({"code":0})", Delivery::Delivered},
      {"/ok, equals: 'true'", R"({"ok":true})", Delivery::Delivered},
      {"/a~1b, equals: x", R"({"a/b":"x"})", Delivery::Delivered},
  };
  for (const auto& c : cases) DYNAMIC_SECTION(c.rule) {
      NotifierFixture fixture;
      const auto gateway = fixture.read_good(yaml + c.rule + "}}");
      fixture.http.answer(200, c.body);
      CHECK(deliver(*gateway).outcome == c.outcome);
    }
}

TEST_CASE_METHOD(NotifierFixture, "an overloaded gateway says when to come again") {
  const auto gateway = read_good(kSms);
  const auto after = [&](std::string value) {
    http.answer(HttpResponse{429, "", {{"retry-after", std::move(value)}}});
    return deliver(*gateway).retry_after;
  };
  CHECK(after("7") == 7s);
  CHECK(after("999999") == 1h);
  CHECK(after("99999999999999") == 0s);
  CHECK(after("soon") == 0s);
  CHECK(after("-5") == 0s);
}

TEST_CASE_METHOD(NotifierFixture, "no answer from a gateway may be tried again") {
  const auto gateway = read_good(kSms);
  http.answer(fail(Errc::Timeout, "https://sms.example/send: no answer in 3s"));
  const auto answer = deliver(*gateway);
  CHECK(answer.outcome == Delivery::Retry);
  CHECK(answer.detail == "https://sms.example/send: no answer in 3s");
}

TEST_CASE("a gateway's configuration is checked") {
  const struct {
    const char* name;
    const char* yaml;
    const char* error;
  } cases[] = {
      {"no URL", "http: {body: '{}'}", "url"},
      {"no body", "http: {url: 'http://h'}", "body"},
      {"a method without a body", "http: {url: 'http://h', body: '{}', method: GET}",
       "'method' wants one of POST, PUT"},
      {"an unknown placeholder", R"(http: {url: 'http://h', body: '{"a":"{{ labels.host }}"}'})",
       "'labels.host' is none of message.title, message.text, message.kind, message.id"},
      {"an unclosed placeholder", R"(http: {url: 'http://h', body: '{"a":"{{ message.id"}'})",
       "'{{' without '}}'"},
      {"a placeholder outside of a string",
       R"(http: {url: 'http://h', body: '{"a":{{ message.title }}}'})", "is not JSON"},
      {"an unknown content type", "http: {url: 'http://h', body: x, content_type: text/xml}",
       "wants application/json, application/x-www-form-urlencoded or text/plain"},
      {"both credentials",
       "http: {url: 'http://h', body: '{}', username: u, password_file: {password}, bearer_file: "
       "/x}",
       "only one can be sent"},
      {"a user without a password", "http: {url: 'http://h', body: '{}', username: u}",
       "password_file"},
      {"a missing secret", "http: {url: 'http://h', body: '{}', bearer_file: /nonexistent/b}",
       "/nonexistent/b"},
      {"a pointer without a slash",
       "http: {url: 'http://h', body: '{}', success: {json_pointer: Code, equals: OK}}",
       "wants a JSON pointer such as /Code"},
      {"half a rule", "http: {url: 'http://h', body: '{}', success: {json_pointer: /Code}}",
       "equals"},
      {"a header of two lines",
       "http: {url: 'http://h', body: '{}', headers: {X-A: \"b\\r\\nX-C: d\"}}", "is not a header"},
      {"an unknown key", "http: {url: 'http://h', body: '{}', boddy: x}", "unknown key 'boddy'"},
  };
  for (const auto& c : cases) DYNAMIC_SECTION(c.name) {
      NotifierFixture fixture;
      (void)fixture.read(c.yaml);
      INFO(fixture.errors.text());
      REQUIRE(fixture.errors.lines().size() == 1);
      CHECK(fixture.errors.text().find(c.error) != std::string::npos);
    }
}

TEST_CASE("a channel is one of the table") {
  CHECK(notifier_names() == std::vector<std::string_view>{"wecom_robot", "http"});
  NotifierFixture both;
  CHECK_FALSE(both.read("{wecom_robot: {key_file: {key}}, http: {url: 'http://h', body: '{}'}}"));
  CHECK(both.errors.text().find("a channel wants one of wecom_robot, http") != std::string::npos);
  NotifierFixture none;
  CHECK_FALSE(none.read("{pager: {}}"));
  CHECK(none.errors.text().find("a channel wants one of wecom_robot, http") != std::string::npos);
}

TEST_CASE("content types are known by their media type") {
  CHECK(encoding_of("application/json") == BodyEncoding::Json);
  CHECK(encoding_of("Application/JSON ; charset=utf-8") == BodyEncoding::Json);
  CHECK(encoding_of("application/vnd.sms+json") == BodyEncoding::Json);
  CHECK(encoding_of("application/x-www-form-urlencoded;charset=utf-8") == BodyEncoding::Form);
  CHECK(encoding_of("text/plain") == BodyEncoding::Plain);
  CHECK_FALSE(encoding_of("text/html"));
  CHECK_FALSE(encoding_of(""));
}

}  // namespace
}  // namespace fieldmedic
