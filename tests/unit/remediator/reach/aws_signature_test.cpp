// The published vectors of Signature Version 4: those of botocore's suite ("original") and of
// aws-c-auth's ("newer"), which have cases of one name with different signatures.
#include "remediator/reach/aws_signature.hpp"

#include <openssl/evp.h>

#include "tests/catch.hpp"

namespace fieldmedic {

namespace {

using namespace std::chrono;

constexpr const char* kKeyId = "AKIDEXAMPLE";
constexpr const char* kSecret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
const WallTime kTime = sys_days(2015y / August / 30) + 12h + 36min + 999ms;
const std::string kHost = "example.amazonaws.com";
const std::string kForm = "application/x-www-form-urlencoded";
const std::string kSetThree =
    "Action=SetDesiredCapacity&AutoScalingGroupName=my-asg&DesiredCapacity=3&HonorCooldown=false&"
    "Version=2011-01-01";

std::string sha256(const std::string& text) {
  unsigned char digest[32];
  unsigned int size = 0;
  EVP_Digest(text.data(), text.size(), digest, &size, EVP_sha256(), nullptr);
  std::string hex;
  for (const unsigned char byte : digest) {
    hex += "0123456789abcdef"[byte >> 4];
    hex += "0123456789abcdef"[byte & 15];
  }
  return hex;
}

std::string header(const AwsFields& fields, const std::string& name) {
  for (const auto& [key, value] : fields)
    if (key == name) return value;
  return {};
}

struct Vector {
  const char* name;
  AwsRequest request;
  AwsScope scope;
  const char* canonical_hash;
  const char* signed_headers;
  const char* signature;
};

const AwsScope kSuite{"us-east-1", "service"};
const std::string kEmptyBody = "9095672bbd1f56dfc5b65f3e153adc8731a4a654192329106275f4c7b24d0b6e";

const Vector kVectors[] = {
    {"get-vanilla",
     {"GET", {}, {{"Host", kHost}}, ""},
     kSuite,
     "bb579772317eb040ac9ed261061d46c1f17a8133879d6129b6e1c25292927e63",
     "host;x-amz-date",
     "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
    {"post-vanilla, and post-sts-header-after: the token that is added later is not signed",
     {"POST", {}, {{"Host", kHost}}, ""},
     kSuite,
     "553f88c9e4d10fc9e109e2aeb65f030801b70c2f6468faca261d401ae622fc87",
     "host;x-amz-date",
     "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"},
    {"post-vanilla-query",
     {"POST", {{"Param1", "value1"}}, {{"Host", kHost}}, ""},
     kSuite,
     "9d659678c1756bb3113e2ce898845a0a79dbbc57b740555917687f1b3340fbbd",
     "host;x-amz-date",
     "28038455d6de14eafc1f9222cf5aa6f1a96197d7deb8263271d420d138af7f11"},
    {"post-x-www-form-urlencoded, original",
     {"POST", {}, {{"Content-Type", kForm}, {"Host", kHost}}, "Param1=value1"},
     kSuite,
     "42a5e5bb34198acb3e84da4f085bb7927f2bc277ca766e6d19c73c2154021281",
     "content-type;host;x-amz-date",
     "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a"},
    {"post-x-www-form-urlencoded-parameters, original",
     {"POST", {}, {{"Host", kHost}, {"Content-Type", kForm + "; charset=utf8"}}, "Param1=value1"},
     kSuite,
     "2e1cf7ed91881a30569e46552437e4156c823447bf1781b921b5d486c568dd1c",
     "content-type;host;x-amz-date",
     "1a72ec8f64bd914b0e42e42607c7fbce7fb2c7465f63e3092b3b0d39fa77a6fe"},
    {"post-x-www-form-urlencoded, newer",
     {"POST",
      {},
      {{"Content-Length", "13"},
       {"Content-Type", kForm},
       {"Host", kHost},
       {"X-Amz-Content-Sha256", kEmptyBody}},
      "Param1=value1"},
     kSuite,
     "b1edd1d03544c25390e32085d55b57acc9a3961bb59415ff86c45c3d89d16cfb",
     "content-length;content-type;host;x-amz-content-sha256;x-amz-date",
     "d3875051da38690788ef43de4db0d8f280229d82040bfac253562e56c3f20e0b"},
    {"post-x-www-form-urlencoded-parameters, newer",
     {"POST",
      {},
      {{"Content-Length", "13"},
       {"Content-Type", kForm + "; charset=utf-8"},
       {"Host", kHost},
       {"X-Amz-Content-Sha256", kEmptyBody}},
      "Param1=value1"},
     kSuite,
     "a89f1a5b53e37702ee6363ce1da3ce8f54386f3c8f352ae652153c2982a0bc4d",
     "content-length;content-type;host;x-amz-content-sha256;x-amz-date",
     "328d1b9eaadca9f5818ef05e8392801e091653bafec24fcab71e7344e7f51422"},
    {"SetDesiredCapacity in us-east-1",
     {"POST",
      {},
      {{"Content-Type", kForm + "; charset=utf-8"},
       {"Host", "autoscaling.us-east-1.amazonaws.com"}},
      kSetThree},
     {"us-east-1", "autoscaling"},
     "ecfa2ea58ce8baa0b94e8bd6e2fb11cbfa6eb0e698846cc40b75b259db9e7dbd",
     "content-type;host;x-amz-date",
     "07aedf20b58cdba8ea3f2fbcc9fe59ff711aa30a48b5378a00c4a8eaaa92fb1d"},
    {"SetDesiredCapacity in cn-north-1",
     {"POST",
      {},
      {{"Content-Type", kForm + "; charset=utf-8"},
       {"Host", "autoscaling.cn-north-1.amazonaws.com.cn"}},
      kSetThree},
     {"cn-north-1", "autoscaling"},
     "0752c2056524cb9960f901134894a2fe7c37e029b414e7f4c90aa280dc919acd",
     "content-type;host;x-amz-date",
     "4d8da2452e0ffeae392f505c886b85169ba54d9b7b7505a7a1d06c0ebd803503"},
};

}  // namespace

TEST_CASE("sigv4: the published vectors") {
  const AwsCredentials credentials{kKeyId, Secret(kSecret), {}};
  for (const Vector& vector : kVectors) {
    INFO(vector.name);
    const AwsFields added = aws_signature(vector.request, credentials, vector.scope, kTime);
    CHECK(added.size() == 2);
    CHECK(header(added, "X-Amz-Date") == "20150830T123600Z");
    CHECK(header(added, "Authorization") ==
          "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/" + vector.scope.region + "/" +
              vector.scope.service + "/aws4_request, SignedHeaders=" + vector.signed_headers +
              ", Signature=" + vector.signature);
    AwsRequest dated = vector.request;
    dated.headers.emplace_back("X-Amz-Date", "20150830T123600Z");
    CHECK(sha256(aws_canonical_request(dated)) == vector.canonical_hash);
  }
}

TEST_CASE("sigv4: the whole canonical request of a form") {
  CHECK(aws_canonical_request({"POST",
                               {},
                               {{"X-Amz-Date", "20150830T123600Z"},
                                {"Host", "  example.amazonaws.com "},
                                {"Content-Type", "application/x-www-form-urlencoded"}},
                               "Param1=value1"}) ==
        "POST\n/\n\ncontent-type:application/x-www-form-urlencoded\nhost:example.amazonaws.com\n"
        "x-amz-date:20150830T123600Z\n\ncontent-type;host;x-amz-date\n" +
            kEmptyBody);
}

TEST_CASE("sigv4: a session token is sent and signed") {
  const AwsCredentials credentials{kKeyId, Secret(kSecret), Secret("tok/en")};
  const AwsFields added =
      aws_signature({"POST", {}, {{"Host", kHost}}, ""}, credentials, kSuite, kTime);
  CHECK(header(added, "X-Amz-Security-Token") == "tok/en");
  CHECK_THAT(header(added, "Authorization"),
             Catch::Contains("SignedHeaders=host;x-amz-date;x-amz-security-token, "));
}

TEST_CASE("sigv4: queries are sorted as they are encoded, and runs of blanks are one") {
  const std::string canonical = aws_canonical_request(
      {"GET", {{"b", "2"}, {"a~", "x y/ü"}, {"a", "2"}, {"a", "1"}}, {{"A", " x  y   z "}}, ""});
  CHECK_THAT(canonical, Catch::StartsWith("GET\n/\na=1&a=2&a~=x%20y%2F%C3%BC&b=2\na:x y z\n\na\n"));
}

}  // namespace fieldmedic
