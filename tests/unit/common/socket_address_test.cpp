#include "common/socket_address.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <cstring>

#include "tests/catch.hpp"

namespace fieldmedic {

TEST_CASE("an IPv4 number is packed in network order") {
  const auto packed = socket_address({"192.0.2.7", 5514});
  REQUIRE(packed);
  sockaddr_in four{};
  REQUIRE(packed->size == sizeof four);
  std::memcpy(&four, &packed->storage, sizeof four);
  CHECK(packed->family() == AF_INET);
  CHECK(ntohl(four.sin_addr.s_addr) == 0xC0000207);
  CHECK(ntohs(four.sin_port) == 5514);
}

TEST_CASE("an IPv6 number is packed whole") {
  const auto packed = socket_address({"::1", 65535});
  REQUIRE(packed);
  sockaddr_in6 six{};
  REQUIRE(packed->size == sizeof six);
  std::memcpy(&six, &packed->storage, sizeof six);
  CHECK(packed->family() == AF_INET6);
  CHECK(std::memcmp(&six.sin6_addr, &in6addr_loopback, sizeof six.sin6_addr) == 0);
  CHECK(ntohs(six.sin6_port) == 65535);
}

TEST_CASE("what is no number is no socket address") {
  for (const char* host : {"", "localhost", "127.1", "::1%lo", "[::1]", "1.2.3.4 "}) {
    const auto packed = socket_address({host, 1});
    REQUIRE_FALSE(packed);
    CHECK(packed.error().code == Errc::Invalid);
  }
}

}  // namespace fieldmedic
