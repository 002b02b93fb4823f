#include "exporter/collector/inet_diag.hpp"

#include <arpa/inet.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <random>

#include "tests/catch.hpp"

namespace fieldmedic {
namespace {

using Bytes = std::vector<std::byte>;

template <class T>
void put(Bytes& bytes, const T& value) {
  const auto at = bytes.size();
  bytes.resize(at + sizeof value);
  std::memcpy(bytes.data() + at, &value, sizeof value);
}

Bytes message(std::uint16_t type, const Bytes& payload, std::uint32_t sequence = 7,
              std::uint16_t flags = 0) {
  Bytes bytes;
  put(bytes, nlmsghdr{.nlmsg_len = static_cast<std::uint32_t>(sizeof(nlmsghdr) + payload.size()),
                      .nlmsg_type = type,
                      .nlmsg_flags = flags,
                      .nlmsg_seq = sequence,
                      .nlmsg_pid = 0});
  bytes.insert(bytes.end(), payload.begin(), payload.end());
  bytes.resize((bytes.size() + 3) / 4 * 4);
  return bytes;
}

Bytes socket_payload(int family, const char* address, std::uint16_t port, int state = 10) {
  inet_diag_msg diag{};
  diag.idiag_family = static_cast<std::uint8_t>(family);
  diag.idiag_state = static_cast<std::uint8_t>(state);
  diag.id.idiag_sport = htons(port);
  REQUIRE(inet_pton(family, address, diag.id.idiag_src) == 1);
  Bytes payload;
  put(payload, diag);
  return payload;
}

Bytes with_v6_only(Bytes payload, std::uint8_t value) {
  put(payload, nlattr{.nla_len = 5, .nla_type = INET_DIAG_SKV6ONLY});
  put(payload, std::uint32_t{value});
  return payload;
}

Bytes operator+(Bytes a, const Bytes& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

TEST_CASE("socket diagnosis: listeners are read until the dump is done") {
  std::vector<Listener> found;
  const auto first =
      message(SOCK_DIAG_BY_FAMILY, socket_payload(AF_INET, "127.0.0.1", 5514)) +
      message(SOCK_DIAG_BY_FAMILY, with_v6_only(socket_payload(AF_INET6, "::", 80), 1)) +
      message(SOCK_DIAG_BY_FAMILY, with_v6_only(socket_payload(AF_INET6, "::1", 81), 0));
  CHECK(parse_listeners(first, 7, found) == Result<DumpState>(DumpState::More));
  REQUIRE(found.size() == 3);
  CHECK(found[0].address == *parse_listen_address("127.0.0.1:5514"));
  CHECK(found[1].address == *parse_listen_address("[::]:80"));
  CHECK(found[1].v6_only);
  CHECK(found[2].address == *parse_listen_address("[::1]:81"));
  CHECK_FALSE(found[2].v6_only);
  CHECK(parse_listeners(message(NLMSG_DONE, {}), 7, found) == Result<DumpState>(DumpState::Done));
  CHECK(found.size() == 3);
}

TEST_CASE("socket diagnosis: what was not asked for is skipped") {
  std::vector<Listener> found;
  const auto datagram =
      message(SOCK_DIAG_BY_FAMILY, socket_payload(AF_INET, "127.0.0.1", 1), 6) +  // older dump
      message(NLMSG_DONE, {}, 6) +                                                // its end
      message(SOCK_DIAG_BY_FAMILY, socket_payload(AF_INET, "127.0.0.1", 2), 7) +
      message(SOCK_DIAG_BY_FAMILY, socket_payload(AF_INET, "127.0.0.1", 3, 1)) +  // established
      message(NLMSG_NOOP, {}) + message(4711, {});
  CHECK(parse_listeners(datagram, 7, found) == Result<DumpState>(DumpState::More));
  REQUIRE(found.size() == 1);
  CHECK(found[0].address.port == 2);
}

TEST_CASE("socket diagnosis: the kernel's refusal is an error") {
  struct Case {
    int number;
    Errc code;
  };
  for (const auto& c : {Case{-EPERM, Errc::Denied}, Case{-ENOENT, Errc::Unavailable},
                        Case{INT32_MIN, Errc::Unavailable}, Case{5, Errc::Unavailable}}) {
    CAPTURE(c.number);
    Bytes payload;
    put(payload, c.number);
    std::vector<Listener> found;
    const auto state = parse_listeners(message(NLMSG_ERROR, payload), 7, found);
    REQUIRE_FALSE(state);
    CHECK(state.error().code == c.code);
  }
  std::vector<Listener> found;
  const auto interrupted = parse_listeners(
      message(SOCK_DIAG_BY_FAMILY, socket_payload(AF_INET, "127.0.0.1", 1), 7, NLM_F_DUMP_INTR), 7,
      found);
  REQUIRE_FALSE(interrupted);
  CHECK(interrupted.error().code == Errc::Conflict);
}

TEST_CASE("socket diagnosis: no truncation is taken for an answer") {
  const auto whole =
      message(SOCK_DIAG_BY_FAMILY, with_v6_only(socket_payload(AF_INET6, "::", 80), 1)) +
      message(NLMSG_DONE, Bytes(4));
  const auto second = whole.size() - 20;
  for (std::size_t length = 1; length < whole.size(); ++length) {
    if (length == second) continue;  // a whole message: more will follow
    CAPTURE(length);
    std::vector<Listener> found;
    const auto state = parse_listeners(std::span(whole).first(length), 7, found);
    REQUIRE_FALSE(state);
    CHECK(state.error().code == Errc::Malformed);
  }
}

TEST_CASE("socket diagnosis: hostile lengths are refused") {
  for (const std::uint32_t length : {0U, 1U, 15U, 17U, 60U, 0x7fffffffU, 0xffffffffU}) {
    CAPTURE(length);
    auto datagram = message(SOCK_DIAG_BY_FAMILY, socket_payload(AF_INET, "127.0.0.1", 1));
    std::memcpy(datagram.data(), &length, sizeof length);
    std::vector<Listener> found;
    CHECK_FALSE(parse_listeners(datagram, 7, found));
    CHECK(found.empty());
  }
  for (const int bad : {0, 1, 3, 4, 200, 65535}) {
    CAPTURE(bad);
    const auto length = static_cast<std::uint16_t>(bad);
    auto payload = with_v6_only(socket_payload(AF_INET6, "::", 80), 1);
    std::memcpy(payload.data() + sizeof(inet_diag_msg), &length, sizeof length);
    std::vector<Listener> found;
    CHECK(parse_listeners(message(SOCK_DIAG_BY_FAMILY, payload), 7, found));
    REQUIRE(found.size() == 1);
    CHECK_FALSE(found[0].v6_only);
  }
}

TEST_CASE("socket diagnosis: random bytes are survived") {
  std::mt19937 random(4711);
  const auto good =
      message(SOCK_DIAG_BY_FAMILY, with_v6_only(socket_payload(AF_INET6, "::", 80), 1)) +
      message(SOCK_DIAG_BY_FAMILY, socket_payload(AF_INET, "127.0.0.1", 1));
  int refused = 0;
  for (int round = 0; round < 20'000; ++round) {
    auto datagram = good;
    for (int i = 0; i < 4; ++i) datagram[random() % datagram.size()] = std::byte(random() & 0xff);
    std::vector<Listener> found;
    if (!parse_listeners(datagram, 7, found)) ++refused;
    REQUIRE(found.size() <= 2);
  }
  CHECK(refused > 0);
}

}  // namespace
}  // namespace fieldmedic
