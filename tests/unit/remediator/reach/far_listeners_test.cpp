#include "remediator/reach/far_listeners.hpp"

#include "tests/catch.hpp"

namespace fieldmedic {

namespace {

// As ss 6.1 prints them.
constexpr std::string_view kPrinted =
    "LISTEN 0      128        127.0.0.1:5514  0.0.0.0:*\n"
    "LISTEN 3      2            0.0.0.0:80    0.0.0.0:*\n"
    "LISTEN 0      5      127.0.0.53%lo:53    0.0.0.0:*\n"
    "LISTEN 0      5                  *:8080        *:*\n"
    "LISTEN 0      5               [::]:8081     [::]:*\n"
    "LISTEN 0      5              [::1]:8082     [::]:*\n"
    "LISTEN 0      5 [::ffff:127.0.0.1]:8083        *:*\n";

}  // namespace

TEST_CASE("far listeners: an address meets the socket that takes it") {
  const auto listeners = parse_listeners(kPrinted);
  REQUIRE(listeners);
  struct Row {
    const char* address;
    const char* listener;  // its host; null: nobody listens
  };
  for (const Row& row : std::initializer_list<Row>{{"127.0.0.1:5514", "127.0.0.1"},
                                                   {":5514", "127.0.0.1"},
                                                   {"0.0.0.0:5514", "127.0.0.1"},
                                                   {"127.0.0.2:5514", nullptr},
                                                   {"[::1]:5514", nullptr},
                                                   {"127.0.0.1:5515", nullptr},
                                                   {"10.0.0.5:80", "0.0.0.0"},
                                                   {"[::1]:80", nullptr},
                                                   {"127.0.0.53:53", "127.0.0.53"},
                                                   {"10.0.0.5:8080", "*"},
                                                   {"[fe80::1]:8080", "*"},
                                                   {"[fe80::1]:8081", "::"},
                                                   {"127.0.0.1:8081", nullptr},  // takes IPv6 alone
                                                   {"[::1]:8082", "::1"},
                                                   {"[0:0::1]:8082", "::1"},
                                                   {"[::]:8082", "::1"},
                                                   {"127.0.0.1:8083", "::ffff:127.0.0.1"}}) {
    INFO(row.address);
    const Listener* found = listener_of(parse_address(row.address).value(), *listeners);
    CHECK((found == nullptr) == (row.listener == nullptr));
    if (found != nullptr && row.listener != nullptr) CHECK(found->host == row.listener);
  }
  CHECK(listeners->at(1) == Listener{"0.0.0.0", 80, 3, 2});
}

TEST_CASE("far listeners: what is no line of ss is an error") {
  CHECK(parse_listeners("").value().empty());
  for (const char* text : {"State Recv-Q\n", "LISTEN 0\n", "LISTEN 0 1 nowhere *\n",
                           "LISTEN x 1 127.0.0.1:1 *\n", "LISTEN 0 1 127.0.0.1:99999 *\n"}) {
    INFO(text);
    REQUIRE_FALSE(parse_listeners(text));
    CHECK(parse_listeners(text).error().code == Errc::Malformed);
  }
}

}  // namespace fieldmedic
