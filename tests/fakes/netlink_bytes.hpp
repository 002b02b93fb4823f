// Netlink messages as the kernel lays them out, for tests of their parsers.
#pragma once

#include <arpa/inet.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <linux/tcp.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

namespace fieldmedic {

using ByteList = std::vector<std::byte>;

template <class T>
void put(ByteList& bytes, const T& value) {
  const auto at = bytes.size();
  bytes.resize(at + sizeof value);
  std::memcpy(bytes.data() + at, &value, sizeof value);
}

inline void pad(ByteList& bytes) {
  bytes.resize((bytes.size() + 3) / 4 * 4);
}

inline ByteList operator+(ByteList a, const ByteList& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

inline ByteList netlink_message(std::uint16_t type, const ByteList& payload,
                                std::uint32_t sequence = 7, std::uint16_t flags = 0) {
  ByteList bytes;
  put(bytes, nlmsghdr{.nlmsg_len = static_cast<std::uint32_t>(sizeof(nlmsghdr) + payload.size()),
                      .nlmsg_type = type,
                      .nlmsg_flags = flags,
                      .nlmsg_seq = sequence,
                      .nlmsg_pid = 0});
  bytes = bytes + payload;
  pad(bytes);
  return bytes;
}

template <class T>
ByteList bytes_of(const T& value) {
  ByteList bytes;
  put(bytes, value);
  return bytes;
}

inline ByteList attribute(std::uint16_t type, const ByteList& value) {
  ByteList bytes;
  put(bytes, nlattr{.nla_len = static_cast<std::uint16_t>(sizeof(nlattr) + value.size()),
                    .nla_type = type});
  bytes = bytes + value;
  pad(bytes);
  return bytes;
}

inline ByteList ip_bytes(int family, const char* text) {
  ByteList bytes(family == AF_INET6 ? 16 : 4);
  inet_pton(family, text, bytes.data());
  return bytes;
}

// The payload of a SOCK_DIAG_BY_FAMILY message without attributes.
struct DiagSocket {
  int family = AF_INET;
  const char* local = "10.0.0.1";
  const char* peer = "10.0.0.2";
  std::uint16_t local_port = 4000;
  int state = 1;
  std::uint64_t cookie = 1;
  std::uint32_t interface = 0;

  [[nodiscard]] ByteList payload() const {
    inet_diag_msg message{};
    message.idiag_family = static_cast<std::uint8_t>(family);
    message.idiag_state = static_cast<std::uint8_t>(state);
    message.id.idiag_sport = htons(local_port);
    message.id.idiag_if = interface;
    message.id.idiag_cookie[0] = static_cast<std::uint32_t>(cookie);
    message.id.idiag_cookie[1] = static_cast<std::uint32_t>(cookie >> 32U);
    inet_pton(family, local, message.id.idiag_src);
    inet_pton(family, peer, message.id.idiag_dst);
    return bytes_of(message);
  }
};

}  // namespace fieldmedic
