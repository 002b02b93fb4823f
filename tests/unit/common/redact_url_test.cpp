#include "common/http_client.hpp"
#include "tests/catch.hpp"

using namespace fieldmedic;

TEST_CASE("redact url: user and query and fragment are not shown") {
  CHECK(redact_url("http://user:pw@h:1/p?key=s") == "http://h:1/p");
  CHECK(redact_url("https://h/a/b#token") == "https://h/a/b");
  CHECK(redact_url("https://h?key=s") == "https://h");
  CHECK(redact_url("http://u:a@b@[::1]:9090/x") == "http://[::1]:9090/x");
  CHECK(redact_url("http://h/p@q") == "http://h/p@q");
}

TEST_CASE("redact url: what is no URL is not shown at all") {
  CHECK(redact_url("user:pw@h/p") == "(not a URL)");
  CHECK(redact_url("") == "(not a URL)");
  CHECK(redact_url("http://user:p/w@h/p") == "http://(not a host)");
  CHECK(redact_url("http://") == "http://(not a host)");
  CHECK(redact_url("http://a b/p") == "http://(not a host)");
}
