#include "exporter/netlink/message.hpp"

#include <linux/netlink.h>

#include <algorithm>
#include <cerrno>
#include <string>

namespace fieldmedic {
namespace {

constexpr std::size_t padded(std::size_t length) {
  return (length + NLMSG_ALIGNTO - 1) / NLMSG_ALIGNTO * NLMSG_ALIGNTO;
}

std::unexpected<Error> malformed() {
  return fail(Errc::Malformed, "netlink: a message's length does not fit");
}

Errc code_of(int error) {
  switch (error) {
    case EACCES:
    case EPERM: return Errc::Denied;
    case ENETUNREACH:
    case EHOSTUNREACH: return Errc::NotFound;
    default: return Errc::Unavailable;
  }
}

// The number in an NLMSG_ERROR, which is also how the kernel says that all went well (0), or in an
// NLMSG_DONE.
Result<AnswerState> verdict(int error) {
  if (error == 0) return AnswerState::Done;
  // The number comes from outside: negating the smallest int would be undefined.
  const int number = error < 0 && error > -4096 ? -error : EPROTO;
  return fail(code_of(number), std::string("the kernel refuses: ") + std::strerror(number));
}

}  // namespace

Result<NetlinkMessage> take_message(ByteView& datagram) {
  const auto head = read_plain<nlmsghdr>(datagram);
  if (!head || head->nlmsg_len < sizeof *head || head->nlmsg_len > datagram.size()) {
    return malformed();
  }
  const NetlinkMessage message{
      .type = head->nlmsg_type,
      .flags = head->nlmsg_flags,
      .sequence = head->nlmsg_seq,
      .payload = datagram.subspan(sizeof *head, head->nlmsg_len - sizeof *head)};
  datagram = datagram.subspan(std::min(datagram.size(), padded(head->nlmsg_len)));
  return message;
}

std::optional<NetlinkAttribute> take_attribute(ByteView& attributes) {
  const auto head = read_plain<nlattr>(attributes);
  if (!head || head->nla_len < sizeof *head || head->nla_len > attributes.size()) {
    return std::nullopt;
  }
  const NetlinkAttribute attribute{
      .type = static_cast<std::uint16_t>(head->nla_type & NLA_TYPE_MASK),
      .value = attributes.subspan(sizeof *head, head->nla_len - sizeof *head)};
  attributes = attributes.subspan(std::min(attributes.size(), padded(head->nla_len)));
  return attribute;
}

Result<AnswerState> read_answer(ByteView datagram, std::uint32_t sequence,
                                const std::function<Status(const NetlinkMessage&)>& use) {
  while (!datagram.empty()) {
    const auto message = take_message(datagram);
    if (!message) return fail(message.error());
    if (message->sequence != sequence) continue;
    if ((message->flags & NLM_F_DUMP_INTR) != 0) {
      return fail(Errc::Conflict, "netlink: what was listed changed meanwhile");
    }
    const auto number = read_plain<int>(message->payload);
    if (message->type == NLMSG_DONE) return verdict(number.value_or(0));
    if (message->type == NLMSG_ERROR) return number ? verdict(*number) : malformed();
    if (message->type < NLMSG_MIN_TYPE) continue;
    if (auto status = use(*message); !status) return fail(std::move(status.error()));
  }
  return AnswerState::More;
}

}  // namespace fieldmedic
