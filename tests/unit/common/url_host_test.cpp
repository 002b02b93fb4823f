#include "common/url_host.hpp"

#include "tests/catch.hpp"

namespace fieldmedic {
namespace {

TEST_CASE("url host: whom it names, as the HTTP client reads it") {
  struct Case {
    const char* url;
    const char* host;
  };
  for (const Case& c :
       {Case{"http://10.0.0.11:8080/health", "10.0.0.11"},
        Case{"https://SH-01.Example:1/x?y#z", "sh-01.example"},
        Case{"http://u:p@sh-01/127.0.0.1", "sh-01"}, Case{"http://127.1/", "127.0.0.1"},
        Case{"http://0x7f000001/", "127.0.0.1"}, Case{"http://2130706433/", "127.0.0.1"},
        Case{"http://0/", "0.0.0.0"}, Case{"http://%6cocalhost/", "localhost"},
        Case{"http://[::FFFF:127.0.0.1]:1/", "::ffff:127.0.0.1"}, Case{"http://[::1]/", "::1"},
        Case{"not a url", ""}, Case{"", ""}}) {
    INFO(c.url);
    CHECK(host_of_url(c.url) == c.host);
  }
}

TEST_CASE("url host: what means the machine that asks") {
  for (const char* host :
       {"127.0.0.1", "127.1.2.3", "0.0.0.0", "::1", "::", "::ffff:127.0.0.1", "::ffff:7f01:203",
        "localhost", "localhost.", "x.localhost", "medic-1", "medic-1.", "medic-1.example.com"}) {
    INFO(host);
    CHECK(names_this_machine(host, "Medic-1"));
  }
  for (const char* host : {"10.0.0.11", "128.0.0.1", "fe80::1", "::2", "::ffff:10.0.0.1",
                           "localhost.example", "medic-10", "medic", "example.com", "", "0"}) {
    INFO(host);
    CHECK_FALSE(names_this_machine(host, "medic-1"));
  }
}

TEST_CASE("url host: our own name with its domain") {
  CHECK(names_this_machine("medic-1.example.com", "medic-1.example.com"));
  CHECK(names_this_machine("medic-1", "medic-1.example.com"));
  CHECK_FALSE(names_this_machine("medic-1.example.org", "medic-1.example.com"));
  CHECK_FALSE(names_this_machine("sh-01", ""));
  CHECK_FALSE(own_host_name().empty());
}

}  // namespace
}  // namespace fieldmedic
