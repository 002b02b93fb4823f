#include "common/matcher.hpp"

#include "tests/catch.hpp"

namespace fieldmedic {

TEST_CASE("a matcher compares one label as Alertmanager does") {
  struct Case {
    const char* matcher;
    Labels labels;
    bool want;
  };
  const Case cases[] = {
      {R"(alertname="CollectorDown")", {{"alertname", "CollectorDown"}}, true},
      {R"(alertname="CollectorDown")", {{"alertname", "collectordown"}}, false},
      {R"(alertname="CollectorDown")", {{"alertname", "CollectorDowns"}}, false},
      {R"(alertname="CollectorDown")", {}, false},
      {R"(job!="x")", {{"job", "x"}}, false},
      {R"(job!="x")", {{"job", "y"}}, true},
      {R"(severity=~"critical|warning")", {{"severity", "warning"}}, true},
      {R"(severity=~"critical|warning")", {{"severity", "warning2"}}, false},
      {R"(severity=~"critical|warning")", {{"severity", "xcritical"}}, false},
      {R"(severity!~"critical|warning")", {{"severity", "warning"}}, false},
      {R"(severity!~"critical|warning")", {{"severity", "info"}}, true},
      {R"(host=~"sh-.+")", {{"host", "sh-01"}}, true},
      {R"(host=~"sh-.+")", {{"host", "sh-"}}, false},
      // An absent label counts as "".
      {R"(job="")", {}, true},
      {R"(job!="x")", {}, true},
      {R"(job=~".*")", {}, true},
      {R"(job=~".+")", {}, false},
      {R"(job=~"")", {{"job", "x"}}, false},
      // A dot does not match a line end.
      {R"(job=~"a.b")", {{"job", "a\nb"}}, false},
  };
  for (const Case& c : cases) DYNAMIC_SECTION(c.matcher << " " << c.want << c.labels.size()) {
      const auto matcher = Matcher::parse(c.matcher);
      REQUIRE(matcher);
      CHECK(matcher->matches(c.labels) == c.want);
      CHECK(matcher->text() == c.matcher);
    }
}

TEST_CASE("a matcher's quotes and escapes are those of Alertmanager 0.25") {
  struct Case {
    const char* matcher;
    const char* value;  // of label a that it must equal
  };
  const Case cases[] = {
      {"a=b", "b"},
      {"a=", ""},
      {" a = b ", "b"},
      {"\ta\n=\"b\" ", "b"},
      {"a=b c", "b c"},
      {"a=\" b \"", " b "},
      {"a=\"b,c\"", "b,c"},
      {"a=\"b=c\"", "b=c"},
      {"a==b", "=b"},
      {R"(a="x\"y")", "x\"y"},
      {R"(a=x\"y)", "x\"y"},
      {R"(a="x\ny")", "x\ny"},
      {R"(a="x\\y")", R"(x\y)"},
      {R"(a="x\.y")", R"(x\.y)"},
      {R"(a=x\)", R"(x\)"},
      {R"(a=x\\)", R"(x\)"},
      {"a=\"日志\"", "日志"},
  };
  for (const Case& c : cases) DYNAMIC_SECTION(c.matcher) {
      const auto matcher = Matcher::parse(c.matcher);
      REQUIRE(matcher);
      CHECK(matcher->matches({{"a", c.value}}));
      CHECK_FALSE(matcher->matches({{"a", std::string(c.value) + "?"}}));
    }
  // The backslash of a regular expression reaches RE2.
  CHECK(Matcher::parse(R"(a=~"x\.y")")->matches({{"a", "x.y"}}));
  CHECK_FALSE(Matcher::parse(R"(a=~"x\.y")")->matches({{"a", "x-y"}}));
}

TEST_CASE("what is no matcher is refused with the reason") {
  struct Case {
    const char* matcher;
    const char* why;
  };
  const Case cases[] = {
      {"", "it must start with a label name"},
      {"   ", "it must start with a label name"},
      {"=\"x\"", "it must start with a label name"},
      {"1a=x", "it must start with a label name"},
      {"{a=\"b\"}", "it must start with a label name"},
      {"日=x", "it must start with a label name"},
      {"a", "after the label name one of = != =~ !~ must stand"},
      {"a b=c", "after the label name one of = != =~ !~ must stand"},
      {"a-b=c", "after the label name one of = != =~ !~ must stand"},
      {"a!b", "after the label name one of = != =~ !~ must stand"},
      {"a=\"b", "the value is not quoted well"},
      {"a=b\"", "the value is not quoted well"},
      {"a=\"b\"c", "the value is not quoted well"},
      {"a=\"b\"\"", "the value is not quoted well"},
      {"a=\"b\\\"", "the value is not quoted well"},
      {"a=\"", "the value is not quoted well"},
      {"a=b,c=d", "the value is not quoted well"},
      {"a=\"b\",c=\"d\"", "the value is not quoted well"},
      {"a=~\"(\"", "missing ): ("},
      {"a=~\"x)|(y\"", "unexpected ): x)|(y"},
      {"a=~\"(?=x)\"", "invalid perl operator: (?="},
  };
  for (const Case& c : cases) DYNAMIC_SECTION("refused " << c.matcher) {
      const auto matcher = Matcher::parse(c.matcher);
      REQUIRE_FALSE(matcher);
      CHECK(matcher.error().code == Errc::Invalid);
      CHECK(matcher.error().message ==
            "wants a matcher such as severity=~\"critical|warning\", got '" +
                std::string(c.matcher) + "': " + c.why);
    }
}

}  // namespace fieldmedic
