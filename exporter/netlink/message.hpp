// Netlink's framing: messages in a datagram, attributes in a message. Pure, and every length is
// checked: what was sent is not trusted. Protocol: netlink(7), linux/netlink.h.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <optional>
#include <span>
#include <type_traits>

#include "common/result.hpp"

namespace fieldmedic {

using ByteView = std::span<const std::byte>;

struct NetlinkMessage {
  std::uint16_t type = 0;
  std::uint16_t flags = 0;
  std::uint32_t sequence = 0;
  ByteView payload;  // of the datagram
};

// Takes the first message off the datagram, which is not empty. Errc::Malformed when its length
// does not fit; the datagram is then unchanged.
[[nodiscard]] Result<NetlinkMessage> take_message(ByteView& datagram);

struct NetlinkAttribute {
  std::uint16_t type = 0;  // without the flags for nesting and byte order
  ByteView value;
};

// Takes the first attribute off; empty at the end, and where a length does not fit: what follows
// such a one cannot be read.
[[nodiscard]] std::optional<NetlinkAttribute> take_attribute(ByteView& attributes);

// The plain struct or number at the beginning of `bytes`; empty when they are too few.
template <class T>
  requires std::is_trivially_copyable_v<T>
[[nodiscard]] std::optional<T> read_plain(ByteView bytes) {
  if (bytes.size() < sizeof(T)) return std::nullopt;
  T value;
  std::memcpy(&value, bytes.data(), sizeof value);
  return value;
}

enum class AnswerState { More, Done };

// Hands each message of one datagram of an answer to `use`, until the answer is done. Messages with
// another sequence number are left over from an older question and skipped. Errc::Malformed for
// lengths that do not fit; for the kernel's refusal Errc::Denied, Errc::NotFound (no route there)
// and Errc::Unavailable; Errc::Conflict when the kernel says that what was listed changed meanwhile
// (something may be missing); and what `use` says.
[[nodiscard]] Result<AnswerState> read_answer(
    ByteView datagram, std::uint32_t sequence,
    const std::function<Status(const NetlinkMessage&)>& use);

}  // namespace fieldmedic
