#include "common/redact_text.hpp"

#include "tests/catch.hpp"

using namespace fieldmedic;

TEST_CASE("redact_text: what looks like a secret is not shown") {
  struct Case {
    const char* text;
    const char* want;
  };
  const Case cases[] = {
      {"GET http://medic:hunter2@10.0.0.1:8080/a failed", "GET http://***@10.0.0.1:8080/a failed"},
      {"amqp://u:p@ss@broker/", "amqp://***@broker/"},
      {"cut at https://medic:hunt", "cut at https://***"},
      {"http://a/b?sig=abc&x=1 gone", "http://a/b?*** gone"},
      {"password=hunter2 user=medic", "password=*** user=medic"},
      {"db.password: hunter2", "db.password:***"},
      {"DB_PASS=hunter2", "DB_PASS=***"},
      {"pass = hunter2", "pass =***"},
      {R"({"apiKey":"a b","n":1})", R"({"apiKey":***,"n":1})"},
      {R"({"token": "a\"b", "n":1})", R"({"token":***, "n":1})"},
      {R"(body="{\"secret\":\"abc\",\"n\":1}")", R"(body="{\"secret\":***,\"n\":1}")"},
      {"secret='two words' n=1", "secret=*** n=1"},
      {"secret=\"cut of", "secret=***"},
      {"'client_secret' => 'x'", "'client_secret' =>***"},
      {"Authorization: Basic bWVkaWM6aHVudGVyMg==", "Authorization:***"},
      {"sent Bearer abcdefghijklmnop.q-r", "sent Bearer ***"},
      {"run --db-password hunter2 -v", "run --db-password *** -v"},
      {"got eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln", "got ***"},
      {"key AKIAIOSFODNN7EXAMPLE", "key ***"},
      {"-----BEGIN RSA PRIVATE KEY-----\nMIIE\nabc", "-----BEGIN RSA PRIVATE KEY----- ***"},
      {"-----BEGIN PRIVATE KEY-----\nMI\n-----END PRIVATE KEY-----\nnext",
       "-----BEGIN PRIVATE KEY----- ***\nnext"},
      {"password=a\nnext line", "password=***\nnext line"},
      {"password:\nnext line", "password:\nnext line"},
  };
  for (const auto& c : cases) {
    CAPTURE(c.text);
    CHECK(redact_text(c.text) == c.want);
  }
}

TEST_CASE("redact_text: what is no secret stays") {
  for (const char* text : {
           "java.lang.IllegalStateException: no route to 10.0.0.1:9092",
           "\tat com.example.Orders.send(Orders.java:42)",
           "tests passed: 5, bypass=1, compass: north",
           "http://127.0.0.1:8080/health: answered 503",
           "listening on http://127.0.0.1:8080.",
           "basic authentication is required",
           "mail to ops@example.com",
           "password is wrong",
       }) {
    CHECK(redact_text(text) == text);
  }
}

TEST_CASE("redact_text: bytes that are no UTF-8 hide nothing") {
  CHECK(redact_text("\xff\xfe password=hunter2") == "\uFFFD\uFFFD password=***");
}

TEST_CASE("shown_line: one line that a terminal does not obey") {
  CHECK(shown_line("a\nb\tc\x1b[31md\x7f", 100) == "a b c [31md ");
  CHECK(shown_line("a\u0085b\u2028c\u202Ed", 100) == "a b c d");
  CHECK(shown_line("a\xc3(\xff", 100) == "a\uFFFD(\uFFFD");
  CHECK(shown_line("数据 é", 100) == "数据 é");
}

TEST_CASE("shown_line: is cut between two characters, after the secrets are out") {
  CHECK(shown_line("abcdef", 6) == "abcdef");
  CHECK(shown_line("abcdefg", 6) == "abc…");
  CHECK(shown_line("éééé", 6) == "é…");
  CHECK(shown_line("password=hunter2hunter2", 14) == "password=***");
}
