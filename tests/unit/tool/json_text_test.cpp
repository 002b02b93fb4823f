// What comes from alerts and hosts must not steer the terminal.
#include "tool/json_text.hpp"

#include "tests/catch.hpp"

namespace fieldmedic::tool {
namespace {

TEST_CASE("tool text: nothing that a terminal obeys or that hides") {
  const struct {
    const char* name;
    std::string text;
    std::string shown;
  } cases[] = {
      {"plain", "pid 4711, 磁盘满 ✓", "pid 4711, 磁盘满 ✓"},
      {"escape", "\x1b[2J\x1b]0;x\x07", "\\x1b[2J\\x1b]0;x\\x07"},
      {"line breaks", "a\r\nb\tc", "a\\x0d\\x0ab\\x09c"},
      {"delete", "a\x7f", "a\\x7f"},
      {"C1",
       "\xc2\x9b"
       "2J\xc2\xa0",
       "\\xc2\\x9b2J\xc2\xa0"},
      {"direction",
       "\xe2\x80\xae"
       "txt\xe2\x81\xa6",
       "\\xe2\\x80\\xaetxt\\xe2\\x81\\xa6"},
      {"zero width",
       "a\xe2\x80\x8b"
       "b",
       "a\\xe2\\x80\\x8bb"},
      {"dash",
       "a\xe2\x80\x94"
       "b…",
       "a\xe2\x80\x94"
       "b…"},
      {"no UTF-8", "a\xff\xe2\x80", "a\\xff\\xe2\\x80"},
  };
  for (const auto& c : cases) DYNAMIC_SECTION(c.name) {
      CHECK(printable(c.text) == c.shown);
    }
}

TEST_CASE("tool text: every value is one line") {
  const auto json = JsonText::parse(R"({"text":"a\nb","number":-3.5,"yes":true,"none":null,
    "plan":{"steps":[],"summary":"start \u001borders"},"spec":{"type":"exec"},
    "list":[{"verdict":"pass","evidence":"pid 7"},{"verdict":"fail","evidence":"closed"}],
    "object":{"a":[1,{"b":"c"}]}})");
  REQUIRE(json);
  CHECK(json->text("text") == "a\\x0ab");
  CHECK(json->text("number") == "-3.5");
  CHECK(json->text("yes") == "true");
  CHECK(json->text("none").empty());
  CHECK(json->text("absent").empty());
  CHECK(json->text("plan") == "start \\x1borders");
  CHECK(json->text("spec") == "exec");
  CHECK(json->text("list") == "pass (pid 7); fail (closed)");
  CHECK(json->text("object") == R"({"a":[1,{"b":"c"}]})");
  CHECK_FALSE(json->member("list"));
  CHECK(json->elements("list").size() == 2);
  CHECK(json->elements("plan").empty());
}

TEST_CASE("tool text: what is no JSON object is refused") {
  for (const std::string& text : {std::string("<html>"), std::string("[]"), std::string(""),
                                  std::string(100'000, '['), "{\"a\":" + std::string(70, '[')}) {
    const auto json = JsonText::parse(text);
    REQUIRE_FALSE(json);
    CHECK(json.error().code == Errc::Malformed);
  }
}

}  // namespace
}  // namespace fieldmedic::tool
