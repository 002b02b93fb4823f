#include "remediator/notify/wecom_robot.hpp"

#include <nlohmann/json.hpp>

#include "tests/unit/remediator/notify/notifier_fixture.hpp"

namespace fieldmedic {
namespace {

using core::Delivery;
using namespace std::chrono_literals;

constexpr const char* kMarkdown = "wecom_robot: {key_file: {key}}";
constexpr const char* kText = "wecom_robot: {key_file: {key}, format: text}";
constexpr std::string_view kOk = R"({"errcode":0,"errmsg":"ok"})";

std::string content_of(const HttpRequest& request) {
  const auto body = nlohmann::json::parse(request.body);
  return body.at(body.at("msgtype").get<std::string>()).at("content").get<std::string>();
}

TEST_CASE_METHOD(NotifierFixture, "a robot is sent markdown with the key in the URL alone") {
  const auto robot = read_good(kMarkdown);
  http.answer(200, std::string(kOk));
  const auto answer = deliver(*robot);
  CHECK(answer.outcome == Delivery::Delivered);
  CHECK(answer.detail == "errcode 0: ok");
  const auto request = http.sent().at(0);
  CHECK(request.method == "POST");
  CHECK(
      request.url ==
      "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=693a91f6-7xxx-4bc4-97a0-0ec2sifa5aaa");
  CHECK(request.headers ==
        std::vector<std::pair<std::string, std::string>>{{"Content-Type", "application/json"}});
  CHECK(
      request.body ==
      R"({"msgtype":"markdown","markdown":{"content":"## <font color=\"warning\">Needs a person: )"
      R"(collector/orders@sh-01</font>\n**alert**: CollectorDown\n**outcome**: 磁盘满"}})");
}

TEST_CASE_METHOD(NotifierFixture, "a robot is sent text when asked") {
  const auto robot = read_good(
      "wecom_robot: {key_file: {key}, format: text, url: 'http://127.0.0.1:1/send?a=b', timeout: "
      "2s}");
  http.answer(200, std::string(kOk));
  CHECK(deliver(*robot).outcome == Delivery::Delivered);
  const auto request = http.sent().at(0);
  CHECK(request.url == "http://127.0.0.1:1/send?a=b&key=693a91f6-7xxx-4bc4-97a0-0ec2sifa5aaa");
  CHECK(request.timeout == 2s);
  CHECK(
      request.body ==
      R"({"msgtype":"text","text":{"content":"Needs a person: collector/orders@sh-01\nalert: CollectorDown\noutcome: 磁盘满"}})");
}

TEST_CASE_METHOD(NotifierFixture, "one message has the same bytes each time") {
  const auto robot = read_good(kMarkdown);
  for (int i = 0; i < 2; ++i) {
    http.answer(500, "");
    CHECK(deliver(*robot).outcome == Delivery::Retry);
    clock.advance(1h);
  }
  CHECK(http.sent().at(0).body == http.sent().at(1).body);
}

TEST_CASE("a robot's answer is judged by its errcode and not by HTTP") {
  const struct {
    const char* name;
    int status;
    const char* body;
    Delivery outcome;
    std::chrono::seconds retry_after;
    const char* detail;
  } cases[] = {
      {"ok", 200, R"({"errcode":0,"errmsg":"ok"})", Delivery::Delivered, 0s, "errcode 0: ok"},
      {"ok without a text", 200, R"({"errcode":0})", Delivery::Delivered, 0s, "errcode 0: "},
      {"busy", 200, R"({"errcode":-1,"errmsg":"system busy"})", Delivery::Retry, 0s,
       "errcode -1: system busy"},
      {"too often", 200, R"({"errcode":45009,"errmsg":"api freq out of limit"})", Delivery::Retry,
       60s, "errcode 45009: api freq out of limit"},
      {"too many at once", 200, R"({"errcode":45033,"errmsg":"x"})", Delivery::Retry, 5s,
       "errcode 45033: x"},
      {"too long", 200, R"({"errcode":40058,"errmsg":"markdown.content exceed max length 4096"})",
       Delivery::Refused, 0s, "errcode 40058: markdown.content exceed max length 4096"},
      {"wrong key", 200, R"({"errcode":93000,"errmsg":"invalid webhook url\nhint"})",
       Delivery::Refused, 0s, "errcode 93000: invalid webhook url hint"},
      {"a code of tomorrow", 200, R"({"errcode":99999,"errmsg":5})", Delivery::Refused, 0s,
       "errcode 99999: "},
      {"the key echoed", 200,
       R"({"errcode":93000,"errmsg":"no 693a91f6-7xxx-4bc4-97a0-0ec2sifa5aaa here"})",
       Delivery::Refused, 0s, "errcode 93000: no *** here"},
      {"not JSON", 200, "<html>", Delivery::Retry, 0s,
       "an answer that is not WeCom's: it is not known whether it was delivered"},
      {"JSON of somebody else", 200, R"([{"errcode":0}])", Delivery::Retry, 0s,
       "an answer that is not WeCom's: it is not known whether it was delivered"},
      {"errcode as text", 200, R"({"errcode":"0"})", Delivery::Retry, 0s,
       "an answer that is not WeCom's: it is not known whether it was delivered"},
      {"a broken server", 502, R"({"errcode":0})", Delivery::Retry, 0s, "HTTP 502"},
      {"a proxy's no", 403, "", Delivery::Refused, 0s, "HTTP 403"},
      {"a redirect", 302, "", Delivery::Refused, 0s, "HTTP 302"},
  };
  for (const auto& c : cases) DYNAMIC_SECTION(c.name) {
      NotifierFixture fixture;
      const auto robot = fixture.read_good(kMarkdown);
      fixture.http.answer(c.status, c.body);
      const auto answer = deliver(*robot);
      CHECK(answer.outcome == c.outcome);
      CHECK(answer.retry_after == c.retry_after);
      CHECK(answer.detail == c.detail);
    }
}

TEST_CASE_METHOD(NotifierFixture, "an exchange that failed may be tried again") {
  const auto robot = read_good(kMarkdown);
  http.answer(fail(Errc::Timeout, "https://qyapi.weixin.qq.com/cgi-bin/webhook/send: timeout"));
  CHECK(deliver(*robot).outcome == Delivery::Retry);
  CHECK(deliver(*robot).outcome == Delivery::Retry);  // Errc::Unavailable
}

TEST_CASE_METHOD(NotifierFixture, "a robot gets at most 18 messages in a minute") {
  const auto robot = read_good(kMarkdown);
  for (int i = 0; i < 18; ++i) {
    http.answer(200, std::string(kOk));
    CHECK(deliver(*robot).outcome == Delivery::Delivered);
    clock.advance(1s);
  }
  const auto answer = deliver(*robot);
  CHECK(answer.outcome == Delivery::Retry);
  CHECK(answer.retry_after == 42s);
  CHECK(http.sent().size() == 18);
  clock.advance(42s);
  http.answer(200, std::string(kOk));
  CHECK(deliver(*robot).outcome == Delivery::Delivered);
}

TEST_CASE_METHOD(NotifierFixture, "a long message is sent in parts within the limit") {
  const auto [yaml, limit] =
      GENERATE(table<const char*, std::size_t>({{kText, 2048}, {kMarkdown, 4096}}));
  const auto robot = read_good(yaml);
  std::string value;
  while (value.size() + 3 <= limit) value += "告";
  http.answer(200, std::string(kOk));
  http.answer(200, std::string(kOk));
  CHECK(deliver(*robot, {core::MessageKind::Recovered, "t", {{"f", value}}}).outcome ==
        Delivery::Delivered);
  REQUIRE(http.sent().size() == 2);
  for (const auto& request : http.sent()) CHECK(content_of(request).size() <= limit);
  CHECK(content_of(http.sent()[0]).starts_with("(1/2)\n"));
}

TEST_CASE_METHOD(NotifierFixture, "a part that failed ends the delivery") {
  const auto robot = read_good(kText);
  http.answer(200, std::string(kOk));
  http.answer(200, R"({"errcode":45009,"errmsg":"x"})");
  http.answer(200, std::string(kOk));
  const auto answer = deliver(*robot, {core::MessageKind::Recovered, std::string(5'000, 'x'), {}});
  CHECK(answer.outcome == Delivery::Retry);
  CHECK(http.sent().size() == 2);
}

TEST_CASE_METHOD(NotifierFixture, "values from outside cannot mention people or make links") {
  const core::Message hostile{
      core::MessageKind::SelfAlert,
      "</font><@all>",
      {{"label", "<@all> [pay](http://evil)\n# head"}, {"<font color=\"info\">", "\xE5\x91"}}};
  http.answer(200, std::string(kOk));
  http.answer(200, std::string(kOk));
  CHECK(deliver(*read_good(kMarkdown), hostile).outcome == Delivery::Delivered);
  CHECK(deliver(*read_good(kText), hostile).outcome == Delivery::Delivered);
  CHECK(content_of(http.sent()[0]) ==
        "## <font color=\"warning\">＜/font>＜@all></font>\n**label**: ＜@all> [pay] (http://evil) "
        "# head\n"
        "**＜font color=\"info\">**: \xEF\xBF\xBD\xEF\xBF\xBD");
  CHECK(content_of(http.sent()[1]).find("<@") == std::string::npos);
}

TEST_CASE("a robot's configuration is checked") {
  const struct {
    const char* name;
    const char* yaml;
    const char* error;
  } cases[] = {
      {"no key", "wecom_robot: {}", "'key_file' is missing"},
      {"unknown format", "wecom_robot: {key_file: {key}, format: html}",
       "'format' wants one of markdown, text"},
      {"unknown key", "wecom_robot: {key_file: {key}, kee: 1}", "unknown key 'kee'"},
      {"no file", "wecom_robot: {key_file: /nonexistent/key}", "/nonexistent/key: No such file"},
      {"not a key", "wecom_robot: {key_file: {password}}", "does not hold a robot's key"},
      {"not a URL", "wecom_robot: {key_file: {key}, url: 'ftp://x'}", "url"},
  };
  for (const auto& c : cases) DYNAMIC_SECTION(c.name) {
      NotifierFixture fixture;
      (void)fixture.read(c.yaml);
      INFO(fixture.errors.text());
      REQUIRE(fixture.errors.lines().size() == 1);
      CHECK(fixture.errors.text().find(c.error) != std::string::npos);
      CHECK(fixture.errors.text().find("sesame") == std::string::npos);
    }
}

}  // namespace
}  // namespace fieldmedic
