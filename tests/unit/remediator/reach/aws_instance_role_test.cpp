// The role of an instance: what is asked, and what of the answers is taken.
#include "remediator/reach/aws_instance_role.hpp"

#include <algorithm>

#include "tests/catch.hpp"
#include "tests/fakes/fake_http.hpp"

namespace fieldmedic {

namespace {

const std::string kGood =
    R"({"Code":"Success","AccessKeyId":"AKID","SecretAccessKey":"s3cr3t/","Token":"t0k3n=="})";

Error error_of(const std::vector<std::pair<int, std::string>>& answers) {
  FakeHttp http;
  for (const auto& [status, body] : answers) http.answer(status, body);
  const auto asked = ask_instance_role(http, kInstanceMetadata, {});
  REQUIRE_FALSE(asked);
  CHECK(http.sent().size() == std::max(1UL, answers.size()));
  CHECK_THAT(asked.error().message, !Catch::Contains("s3cr3t"));
  return asked.error();
}

std::string header_of(const HttpRequest& request, const std::string& name) {
  for (const auto& [each, value] : request.headers)
    if (each == name) return value;
  return "none";
}

}  // namespace

TEST_CASE("instance role: a session, the role's name, its credentials") {
  FakeHttp http;
  http.answer(200, "T0K==");
  http.answer(200, "medic-role\nanother");
  http.answer(200, kGood);
  const auto asked = ask_instance_role(http, "http://127.0.0.1:9", {});
  REQUIRE(asked);
  CHECK(asked->access_key_id == "AKID");
  CHECK(asked->secret_access_key.reveal() == "s3cr3t/");
  CHECK(asked->session_token.reveal() == "t0k3n==");
  const auto sent = http.sent();
  REQUIRE(sent.size() == 3);
  CHECK(sent[0].method == "PUT");
  CHECK(sent[0].url == "http://127.0.0.1:9/latest/api/token");
  CHECK(header_of(sent[0], "X-aws-ec2-metadata-token-ttl-seconds") == "60");
  const std::string roles = "http://127.0.0.1:9/latest/meta-data/iam/security-credentials/";
  CHECK(sent[1].url == roles);
  CHECK(sent[2].url == roles + "medic-role");
  for (const std::size_t i : {1UL, 2UL}) {
    CHECK(sent[i].method == "GET");
    CHECK(header_of(sent[i], "X-aws-ec2-metadata-token") == "T0K==");
  }
}

TEST_CASE("instance role: what is none is not used") {
  CHECK(error_of({}).code == Errc::Unavailable);
  CHECK(error_of({{403, "off"}}).code == Errc::Denied);
  CHECK(error_of({{200, "<html>a proxy"}}).code == Errc::Malformed);
  CHECK(error_of({{200, "T"}, {404, "none"}}).message == "this instance has no role");
  for (const char* role : {"", "a/b", "..", "a b", "a\x01"})
    CHECK(error_of({{200, "T"}, {200, role}}).message == "this instance has no role");
  CHECK(error_of({{200, "T"}, {401, ""}}).code == Errc::Denied);
  for (const char* text :
       {"", "[]", "{}", R"({"Code":"Failed"})", R"({"Code":7})", R"({"Code":"Success"})",
        R"({"Code":"Success","AccessKeyId":"A\r\nX: y","SecretAccessKey":"s3cr3t","Token":"t"})",
        R"({"Code":"Success","AccessKeyId":"A","SecretAccessKey":"s3cr3t"})",
        R"({"Code":"Success","AccessKeyId":["A"],"SecretAccessKey":"s3cr3t","Token":"t"})"}) {
    INFO(text);
    CHECK_THAT(error_of({{200, "T"}, {200, "medic"}, {200, text}}).message,
               Catch::Contains("this instance"));
  }
}

}  // namespace fieldmedic
