#include "common/template.hpp"

#include <string>

#include "tests/catch.hpp"

namespace fieldmedic {
namespace {

std::string repeat(std::string_view part, std::size_t times) {
  std::string text;
  for (std::size_t i = 0; i < times; ++i) text += part;
  return text;
}

}  // namespace

TEST_CASE("a template fills its placeholders in and leaves the rest alone") {
  struct Case {
    const char* text;
    const char* want;
  };
  const Case cases[] = {
      {"", ""},
      {"plain", "plain"},
      {"{{ labels.host }}", "<labels.host>"},
      {"{{labels.host}}", "<labels.host>"},
      {"a{{ x }}b{{ y_z.A_9 }}c", "a<x>b<y_z.A_9>c"},
      {"{{ x }}{{ x }}", "<x><x>"},
      {R"({"text":{"content":"{{ message.text }}"}})", R"({"text":{"content":"<message.text>"}})"},
      {"}} { } }}", "}} { } }}"},
      {"{ { x } }", "{ { x } }"},
  };
  for (const Case& c : cases) DYNAMIC_SECTION("text " << c.text) {
      const auto parsed = Template::parse(c.text);
      REQUIRE(parsed);
      const auto text = parsed->render([](std::string_view name) -> Result<std::string> {
        return "<" + std::string(name) + ">";
      });
      CHECK(text == c.want);
    }
}

TEST_CASE("what is filled in is never read as a template") {
  const auto text = Template::parse("{{ a }}")->render(
      [](std::string_view) -> Result<std::string> { return "{{ b }}"; });
  CHECK(text == "{{ b }}");
}

TEST_CASE("a template names its placeholders in order") {
  CHECK(Template::parse("{{ b.c }} and {{ a }}")->names() == std::vector<std::string>{"b.c", "a"});
  CHECK(Template::parse("plain")->names().empty());
}

TEST_CASE("the first value that is missing ends the rendering") {
  const auto text = Template::parse("{{ a }}{{ b }}{{ c }}")
                        ->render([](std::string_view name) -> Result<std::string> {
                          if (name == "a") return "1";
                          return fail(Errc::NotFound, "no " + std::string(name));
                        });
  REQUIRE_FALSE(text);
  CHECK(text.error() == Error{Errc::NotFound, "no b"});
}

TEST_CASE("malformed templates are refused with the reason") {
  struct Case {
    const char* text;
    const char* want;
  };
  const Case cases[] = {
      {"a {{ x", "'{{' without '}}' in '{{ x'"},
      {"{{", "'{{' without '}}' in '{{'"},
      {"{{ x }", "'{{' without '}}' in '{{ x }'"},
      {"{{}}", "a placeholder wants a name such as labels.host, got ''"},
      {"{{ . }}", "a placeholder wants a name such as labels.host, got '.'"},
      {"{{ .x }}", "a placeholder wants a name such as labels.host, got '.x'"},
      {"{{ x. }}", "a placeholder wants a name such as labels.host, got 'x.'"},
      {"{{ x.y.z }}", "a placeholder wants a name such as labels.host, got 'x.y.z'"},
      {"{{ X }}", "a placeholder wants a name such as labels.host, got 'X'"},
      {"{{ a1 }}", "a placeholder wants a name such as labels.host, got 'a1'"},
      {"{{ a b }}", "a placeholder wants a name such as labels.host, got 'a b'"},
      {"{{ a\n}}", "a placeholder wants a name such as labels.host, got 'a\\x0a'"},
      {"{{{ a }}}", "a placeholder wants a name such as labels.host, got '{ a'"},
      {"{{ a | b }}", "a placeholder wants a name such as labels.host, got 'a | b'"},
  };
  for (const Case& c : cases) DYNAMIC_SECTION("refused " << c.text) {
      const auto parsed = Template::parse(c.text);
      REQUIRE_FALSE(parsed);
      CHECK(parsed.error() == Error{Errc::Invalid, c.want});
    }
}

TEST_CASE("templates are bounded in length and placeholders") {
  CHECK(Template::parse(repeat("a", 4096)));
  CHECK_FALSE(Template::parse(repeat("a", 4097)));
  CHECK(Template::parse(repeat("{{x}}", 64)));
  CHECK_FALSE(Template::parse(repeat("{{x}}", 65)));
}

TEST_CASE("label values are fit for a target or they are refused with the reason") {
  struct Case {
    std::string value;
    const char* want;  // empty: accepted
  };
  const Case cases[] = {
      {"orders", ""},
      {"sh-01.example.com:9987", ""},
      {"a/b_c@d", ""},
      {".a", ""},
      {"a-", ""},
      {repeat("a", 256), ""},
      {"", "value is empty"},
      {repeat("a", 257),
       "value 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa…' is longer than "
       "256 "
       "bytes"},
      {"-rf", "value '-rf' starts with '-' or '/'"},
      {"/etc", "value '/etc' starts with '-' or '/'"},
      {"a/../b", "value 'a/../b' holds '..'"},
      {"..", "value '..' holds '..'"},
      {"a b", "value 'a b' holds a character outside [A-Za-z0-9._:@/-]"},
      {"a;b", "value 'a;b' holds a character outside [A-Za-z0-9._:@/-]"},
      {"$(x)", "value '$(x)' holds a character outside [A-Za-z0-9._:@/-]"},
      {"a\nb", "value 'a\\x0ab' holds a character outside [A-Za-z0-9._:@/-]"},
      {std::string("a\0b", 3), "value 'a\\x00b' holds a character outside [A-Za-z0-9._:@/-]"},
      {"a'\\", "value 'a\\x27\\x5c' holds a character outside [A-Za-z0-9._:@/-]"},
      {"é", "value '\\xc3\\xa9' holds a character outside [A-Za-z0-9._:@/-]"},
      {"*", "value '*' holds a character outside [A-Za-z0-9._:@/-]"},
  };
  for (const Case& c : cases) DYNAMIC_SECTION("value " << c.value.substr(0, 20) << c.want) {
      const Status valid = validate_label_value(c.value);
      CHECK(valid.has_value() == (*c.want == '\0'));
      if (!valid) CHECK(valid.error() == Error{Errc::Invalid, c.want});
    }
}

}  // namespace fieldmedic
