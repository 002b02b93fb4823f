#include "exporter/netlink/message.hpp"

#include <cerrno>
#include <random>

#include "tests/catch.hpp"
#include "tests/fakes/netlink_bytes.hpp"

namespace fieldmedic {
namespace {

constexpr std::uint16_t kType = SOCK_DIAG_BY_FAMILY;

struct Answer {
  Result<AnswerState> state;
  std::vector<std::size_t> payloads;  // their sizes
};

Answer read(ByteView datagram) {
  Answer answer{AnswerState::More, {}};
  answer.state = read_answer(datagram, 7, [&](const NetlinkMessage& message) -> Status {
    answer.payloads.push_back(message.payload.size());
    return {};
  });
  return answer;
}

TEST_CASE("netlink: an answer is read until it is done") {
  const auto first =
      read(netlink_message(kType, ByteList(8)) + netlink_message(kType, ByteList(3)));
  CHECK(first.state == Result<AnswerState>(AnswerState::More));
  CHECK(first.payloads == std::vector<std::size_t>{8, 3});
  const auto last = read(netlink_message(kType, ByteList(4)) + netlink_message(NLMSG_DONE, {}) +
                         netlink_message(kType, ByteList(4)));
  CHECK(last.state == Result<AnswerState>(AnswerState::Done));
  CHECK(last.payloads.size() == 1);
  CHECK(read(netlink_message(NLMSG_ERROR, bytes_of(0))).state ==
        Result<AnswerState>(AnswerState::Done));
}

TEST_CASE("netlink: what was not asked for is skipped") {
  const auto answer = read(netlink_message(kType, ByteList(4), 6) +  // of an older question
                           netlink_message(NLMSG_DONE, {}, 6) +      // its end
                           netlink_message(NLMSG_NOOP, {}) + netlink_message(kType, ByteList(8)));
  CHECK(answer.state == Result<AnswerState>(AnswerState::More));
  CHECK(answer.payloads == std::vector<std::size_t>{8});
}

TEST_CASE("netlink: the kernel's refusal is an error") {
  struct Case {
    int number;
    Errc code;
  };
  for (const auto& c : {Case{-EPERM, Errc::Denied}, Case{-ENOENT, Errc::Unavailable},
                        Case{-ENETUNREACH, Errc::NotFound}, Case{-EHOSTUNREACH, Errc::NotFound},
                        Case{INT32_MIN, Errc::Unavailable}, Case{5, Errc::Unavailable}}) {
    for (const int type : {NLMSG_ERROR, NLMSG_DONE}) {
      CAPTURE(c.number, type);
      const auto answer =
          read(netlink_message(static_cast<std::uint16_t>(type), bytes_of(c.number)));
      REQUIRE_FALSE(answer.state);
      CHECK(answer.state.error().code == c.code);
    }
  }
  const auto interrupted = read(netlink_message(kType, ByteList(4), 7, NLM_F_DUMP_INTR));
  REQUIRE_FALSE(interrupted.state);
  CHECK(interrupted.state.error().code == Errc::Conflict);
}

TEST_CASE("netlink: a message that cannot be used ends the answer") {
  const auto state = read_answer(
      netlink_message(kType, ByteList(4)), 7,
      [](const NetlinkMessage&) -> Status { return fail(Errc::Malformed, "nonsense"); });
  REQUIRE_FALSE(state);
  CHECK(state.error().message == "nonsense");
}

TEST_CASE("netlink: no truncation is taken for an answer") {
  const auto whole =
      netlink_message(kType, ByteList(24)) + netlink_message(NLMSG_DONE, ByteList(4));
  for (std::size_t length = 1; length < whole.size(); ++length) {
    if (length == 40) continue;  // a whole message: more will follow
    CAPTURE(length);
    const auto answer = read(std::span(whole).first(length));
    REQUIRE_FALSE(answer.state);
    CHECK(answer.state.error().code == Errc::Malformed);
  }
}

TEST_CASE("netlink: hostile lengths are refused") {
  for (const std::uint32_t length : {0U, 1U, 15U, 29U, 60U, 0x7fffffffU, 0xffffffffU}) {
    CAPTURE(length);
    auto datagram = netlink_message(kType, ByteList(12));
    std::memcpy(datagram.data(), &length, sizeof length);
    const auto answer = read(datagram);
    CHECK_FALSE(answer.state);
    CHECK(answer.payloads.empty());
  }
}

TEST_CASE("netlink: attributes are taken off until one does not fit") {
  const auto list = attribute(1, ByteList(3)) + attribute(2 | NLA_F_NESTED, {}) +
                    bytes_of(nlattr{.nla_len = 9, .nla_type = 3}) + ByteList(4);
  ByteView rest = list;
  const auto first = take_attribute(rest);
  REQUIRE(first);
  CHECK(first->type == 1);
  CHECK(first->value.size() == 3);
  const auto second = take_attribute(rest);
  REQUIRE(second);
  CHECK(second->type == 2);
  CHECK(second->value.empty());
  CHECK_FALSE(take_attribute(rest));
}

TEST_CASE("netlink: random bytes are survived") {
  std::mt19937 random(4711);
  const auto good = netlink_message(kType, ByteList(80)) + netlink_message(kType, ByteList(8));
  int refused = 0;
  for (int round = 0; round < 20'000; ++round) {
    auto datagram = good;
    for (int i = 0; i < 4; ++i) datagram[random() % datagram.size()] = std::byte(random() & 0xff);
    const auto answer = read(datagram);
    if (!answer.state) ++refused;
    REQUIRE(answer.payloads.size() <= 2);
  }
  CHECK(refused > 0);
}

}  // namespace
}  // namespace fieldmedic
