#include "common/named_target.hpp"

#include "tests/catch.hpp"

using namespace fieldmedic;

TEST_CASE("named target: the name stands in the URL, the host where it is connected to") {
  const auto target = name_target("https://10.0.0.1:9090/api?a=b", "prometheus.example");
  REQUIRE(target);
  CHECK(target->url == "https://prometheus.example:9090/api?a=b");
  CHECK(target->connect_to == "::10.0.0.1:9090");
  CHECK(target->host == "10.0.0.1:9090");
}

TEST_CASE("named target: the port is that of the scheme when none is given") {
  const auto target = name_target("https://[::1]/", "prometheus.example");
  REQUIRE(target);
  CHECK(target->url == "https://prometheus.example/");
  CHECK(target->connect_to == "::[::1]:443");
  CHECK(target->host == "[::1]");
}

TEST_CASE("named target: what is no URL or name is refused") {
  CHECK_FALSE(name_target("https://", "a"));
  CHECK_FALSE(name_target("https://h/", "a b"));
}
