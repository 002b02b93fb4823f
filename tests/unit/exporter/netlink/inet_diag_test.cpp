#include "exporter/netlink/inet_diag.hpp"

#include <sys/socket.h>

#include <random>

#include "tests/catch.hpp"
#include "tests/fakes/netlink_bytes.hpp"

namespace fieldmedic {
namespace {

ByteList v6_only(std::uint8_t value) {
  return attribute(INET_DIAG_SKV6ONLY, bytes_of(value));
}

ByteList tcp_info_of(std::size_t length) {
  tcp_info info{};
  info.tcpi_bytes_sent = 1'000'000;
  info.tcpi_bytes_retrans = 30'000;
  info.tcpi_data_segs_out = 700;
  info.tcpi_total_retrans = 21;
  info.tcpi_rtt = 12'500;
  info.tcpi_last_ack_recv = 40;
  auto bytes = bytes_of(info);
  bytes.resize(length);
  return attribute(INET_DIAG_INFO, bytes);
}

TEST_CASE("inet_diag: a listener is read with what it serves") {
  const auto v4 = parse_inet_diag(
      DiagSocket{.local = "127.0.0.1", .peer = "0.0.0.0", .local_port = 5514, .state = 10}
          .payload());
  REQUIRE(v4);
  CHECK(v4->state == kTcpListen);
  CHECK(v4->local == *parse_ip_address("127.0.0.1"));
  CHECK(v4->local_port == 5514);
  CHECK(v4->peer.wildcard());
  CHECK_FALSE(v4->v6_only);
  CHECK_FALSE(v4->tcp);
  const auto v6 =
      DiagSocket{.family = AF_INET6, .local = "::", .peer = "::", .local_port = 80, .state = 10}
          .payload();
  CHECK(parse_inet_diag(v6 + v6_only(1))->v6_only);
  CHECK_FALSE(parse_inet_diag(v6 + v6_only(0))->v6_only);
  CHECK(parse_inet_diag(v6)->local == *parse_ip_address("::"));
}

TEST_CASE("inet_diag: a connection is read with its counters") {
  const auto socket =
      parse_inet_diag(DiagSocket{.cookie = 0x1122334455667788, .interface = 3}.payload() +
                      v6_only(0) + tcp_info_of(sizeof(tcp_info)));
  REQUIRE(socket);
  CHECK(socket->cookie == 0x1122334455667788);
  CHECK(socket->interface == 3);
  CHECK(socket->peer == *parse_ip_address("10.0.0.2"));
  CHECK(socket->tcp == TcpInfo{.sent_bytes = 1'000'000,
                               .retransmitted_bytes = 30'000,
                               .sent_segments = 700,
                               .retransmitted_segments = 21,
                               .smoothed_rtt = std::chrono::microseconds(12'500),
                               .since_last_ack = std::chrono::milliseconds(40)});
}

TEST_CASE("inet_diag: IPv4 inside an IPv6 socket is IPv4") {
  const auto socket = parse_inet_diag(
      DiagSocket{.family = AF_INET6, .local = "::ffff:10.0.0.1", .peer = "::ffff:10.9.0.2"}
          .payload());
  REQUIRE(socket);
  CHECK(socket->local == *parse_ip_address("10.0.0.1"));
  CHECK(socket->peer == *parse_ip_address("10.9.0.2"));
}

TEST_CASE("inet_diag: a tcp_info without the counters is none, a longer one is read") {
  const auto needed = offsetof(tcp_info, tcpi_bytes_retrans) + 8;
  const auto plain = DiagSocket{}.payload();
  CHECK_FALSE(parse_inet_diag(plain + tcp_info_of(0))->tcp);
  CHECK_FALSE(parse_inet_diag(plain + tcp_info_of(needed - 1))->tcp);
  REQUIRE(parse_inet_diag(plain + tcp_info_of(needed))->tcp);
  CHECK(parse_inet_diag(plain + tcp_info_of(needed))->tcp->retransmitted_bytes == 30'000);
  CHECK(parse_inet_diag(plain + tcp_info_of(sizeof(tcp_info) + 64))->tcp);
}

TEST_CASE("inet_diag: what is too short or of another family is refused") {
  const auto whole = DiagSocket{}.payload();
  for (std::size_t length = 0; length < whole.size(); ++length) {
    const auto socket = parse_inet_diag(std::span(whole).first(length));
    REQUIRE_FALSE(socket);
    CHECK(socket.error().code == Errc::Malformed);
  }
  auto unix_socket = whole;
  unix_socket[0] = std::byte{AF_UNIX};
  CHECK_FALSE(parse_inet_diag(unix_socket));
}

TEST_CASE("inet_diag: hostile attribute lengths end the attributes") {
  for (const int bad : {0, 1, 3, 200, 65535}) {
    CAPTURE(bad);
    auto payload = DiagSocket{}.payload() + v6_only(1);
    const auto length = static_cast<std::uint16_t>(bad);
    std::memcpy(payload.data() + sizeof(inet_diag_msg), &length, sizeof length);
    const auto socket = parse_inet_diag(payload);
    REQUIRE(socket);
    CHECK_FALSE(socket->v6_only);
  }
  auto empty = DiagSocket{}.payload() + attribute(INET_DIAG_SKV6ONLY, {});
  CHECK_FALSE(parse_inet_diag(empty)->v6_only);
}

TEST_CASE("inet_diag: random bytes are survived") {
  std::mt19937 random(4711);
  const auto good = DiagSocket{}.payload() + v6_only(1) + tcp_info_of(sizeof(tcp_info));
  int refused = 0;
  for (int round = 0; round < 20'000; ++round) {
    auto payload = good;
    for (int i = 0; i < 4; ++i) payload[random() % payload.size()] = std::byte(random() & 0xff);
    payload.resize(random() % payload.size());
    if (!parse_inet_diag(payload)) ++refused;
  }
  CHECK(refused > 0);
}

}  // namespace
}  // namespace fieldmedic
