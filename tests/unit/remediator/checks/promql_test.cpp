#include "remediator/checks/promql.hpp"

#include "tests/catch.hpp"
#include "tests/fakes/fake_http.hpp"
#include "tests/fakes/one_collector.hpp"

namespace fieldmedic {

namespace {

using core::Verdict;

ServerPool pool_of(std::string url) {
  return url.empty() ? ServerPool{} : ServerPool({{.url = std::move(url)}});
}

core::CheckAnswer ask(FakeHttp& http, std::string_view is, const core::Target& target = kOrders,
                      std::string url = "http://p:9090/") {
  const CheckTools tools{http, inventory_of({}), pool_of(std::move(url)), {}};
  const std::string arguments =
      R"({"query":"up{job=\"{{ target.name }}\"}","timeout_ms":2000,"is":")" + std::string(is) +
      "\"}";
  return (*make_promql_check(arguments, tools))->run(target, {});
}

std::string vector_of(const std::vector<std::string>& values) {
  std::string series;
  for (const std::string& value : values)
    series += (series.empty() ? "" : ",") + (R"({"metric":{},"value":[1.5,")" + value + "\"]}");
  return R"({"status":"success","data":{"resultType":"vector","result":[)" + series + "]}}";
}

}  // namespace

TEST_CASE("a promql check passes only when every series satisfies it") {
  struct Case {
    const char* name;
    int status;
    std::string body;
    Verdict want;
    const char* evidence;
  };
  const Case cases[] = {
      {"all satisfy", 200, vector_of({"1", "1"}), Verdict::Pass, "answers 1, wanted == 1"},
      {"one does not", 200, vector_of({"1", "0", "1"}), Verdict::Fail, "answers 0, wanted == 1"},
      {"no series", 200, vector_of({}), Verdict::Unknown, "no series"},
      {"NaN", 200, vector_of({"NaN"}), Verdict::Unknown, "NaN"},
      {"NaN beside a failure", 200, vector_of({"0", "NaN"}), Verdict::Unknown, "NaN"},
      {"infinite", 200, vector_of({"+Inf"}), Verdict::Fail, "+Inf"},
      {"scalar", 200, R"({"status":"success","data":{"resultType":"scalar","result":[1,"1"]}})",
       Verdict::Pass, "1"},
      {"matrix", 200, R"({"status":"success","data":{"resultType":"matrix","result":[]}})",
       Verdict::Unknown, "matrix"},
      {"histogram", 200,
       R"({"status":"success","data":{"resultType":"vector","result":[{"metric":{},"histogram":[1,{}]}]}})",
       Verdict::Unknown, "cannot be read"},
      {"warnings", 200,
       R"({"status":"success","warnings":["part"],"data":{"resultType":"scalar","result":[1,"1"]}})",
       Verdict::Unknown, "partial"},
      {"no warnings", 200,
       R"({"status":"success","warnings":[],"data":{"resultType":"scalar","result":[1,"1"]}})",
       Verdict::Pass, "1"},
      {"error", 400, R"({"status":"error","errorType":"bad_data","error":"parse error"})",
       Verdict::Unknown, "400: parse error"},
      {"success with 500", 500, vector_of({"1"}), Verdict::Unknown, "500"},
      {"not JSON", 200, "<html>", Verdict::Unknown, "cannot be read"},
      {"wrong types", 200, R"({"status":1,"data":[]})", Verdict::Unknown, "200"},
      {"number as value", 200,
       R"({"status":"success","data":{"resultType":"scalar","result":[1,1]}})", Verdict::Unknown,
       "cannot be read"},
      {"deep", 200, std::string(200'000, '['), Verdict::Unknown, "cannot be read"},
  };
  for (const Case& c : cases) {
    INFO(c.name);
    FakeHttp http;
    http.answer(c.status, c.body);
    const auto answer = ask(http, "== 1");
    CHECK(answer.verdict == c.want);
    CHECK(answer.evidence.find(c.evidence) != std::string::npos);
  }
}

TEST_CASE("a promql check sends its query as a form with the target escaped") {
  FakeHttp http;
  http.answer(200, vector_of({"1"}));
  core::Target hostile = kOrders;
  hostile.name = "a\"} or vector(1)\\\n#";
  (void)ask(http, "== 1", hostile);
  const auto sent = http.sent();
  REQUIRE(sent.size() == 1);
  CHECK(sent[0].method == "POST");
  CHECK(sent[0].url == "http://p:9090/api/v1/query");
  CHECK(sent[0].headers.at(0).second == "application/x-www-form-urlencoded");
  // up{job="a\"} or vector(1)\\\n#"}
  CHECK(sent[0].body ==
        "query=up%7Bjob%3D%22a%5C%22%7D%20or%20vector%281%29%5C%5C%5Cn%23%22%7D&timeout=2s");
}

TEST_CASE("a promql check without an answer is unknown") {
  FakeHttp http;
  http.answer(fail(Errc::Timeout, "no answer in 2s"));
  CHECK(ask(http, "== 1").verdict == Verdict::Unknown);
  CHECK(ask(http, "== 1").verdict == Verdict::Unknown);  // the fake has no answer left
  const auto none = ask(http, "== 1", kOrders, "");
  CHECK(none.verdict == Verdict::Unknown);
  CHECK(none.evidence == "no Prometheus is configured");
}

}  // namespace fieldmedic
