// bond_links.hex: what a kernel 6.1 answered to RTM_GETLINK, a line each for lo, bond0, sa and sb
// (without the counters), with `mode active-backup` and `prio 7` of sb.
#include "remediator/reach/bond_messages.hpp"

#include <linux/rtnetlink.h>

#include <cstring>
#include <fstream>
#include <string>
#include <vector>

#include "tests/catch.hpp"

namespace fieldmedic {

namespace {

std::string bytes_of(const std::string& hex) {
  std::string bytes;
  for (std::size_t at = 0; at + 1 < hex.size(); at += 2)
    bytes += static_cast<char>(std::stoi(hex.substr(at, 2), nullptr, 16));
  return bytes;
}

std::vector<std::string> messages() {
  std::ifstream file(std::string(FIELDMEDIC_SOURCE_DIR) + "/tests/fixtures/netlink/bond_links.hex");
  std::vector<std::string> all;
  for (std::string line; std::getline(file, line);) all.push_back(bytes_of(line));
  REQUIRE(all.size() == 4);
  return all;
}

// In memory of its own, so that a read beyond its end shows.
Result<LinkFacts> read(const std::string& message) {
  const std::vector<char> copy(message.begin(), message.end());
  return read_link_facts(reinterpret_cast<const nlmsghdr*>(copy.data()));
}

std::string with_length(std::string message, std::uint32_t length) {
  std::memcpy(message.data(), &length, sizeof length);
  return message;
}

}  // namespace

TEST_CASE("bond messages: what the kernel says of a bond and its slaves") {
  const auto all = messages();
  const auto lo = read(all[0]);
  REQUIRE(lo);
  CHECK(lo->name == "lo");
  CHECK_FALSE(lo->bond);
  CHECK_FALSE(lo->slave);
  CHECK_FALSE(lo->has_carrier);  // nobody set it up
  const auto bond = read(all[1]);
  REQUIRE(bond);
  CHECK(bond->name == "bond0");
  CHECK(bond->bond == BondFacts{true, 7, 0, true});
  CHECK_FALSE(bond->slave);
  const auto first = read(all[2]);
  const auto second = read(all[3]);
  REQUIRE((first && second));
  CHECK(first->name == "sa");
  CHECK(first->index == 5);
  CHECK(first->master == bond->index);
  CHECK(first->has_carrier);
  CHECK(first->slave == SlaveFacts{true, 0});
  CHECK(second->slave == SlaveFacts{true, 7});
  CHECK_FALSE(second->bond);
}

TEST_CASE("bond messages: what is cut off anywhere says less, and is not read beyond its end") {
  constexpr std::size_t kAlign = 4;  // of netlink, which libmnl reads by
  const auto all = messages();
  for (const std::string& message : all)
    for (std::size_t length = sizeof(nlmsghdr); length < message.size(); length += kAlign) {
      const auto facts =
          read(with_length(message.substr(0, length), static_cast<std::uint32_t>(length)));
      constexpr std::size_t kHead = sizeof(nlmsghdr) + sizeof(ifinfomsg);
      REQUIRE(facts.has_value() == (length >= kHead));
    }
}

TEST_CASE("bond messages: what is no link is refused") {
  std::string other = messages()[1];
  const std::uint16_t type = RTM_NEWROUTE;
  std::memcpy(other.data() + sizeof(std::uint32_t), &type, sizeof type);
  const auto facts = read(other);
  REQUIRE_FALSE(facts);
  CHECK(facts.error().code == Errc::Malformed);
}

TEST_CASE("bond messages: the order is what iproute2 sends") {
  RtnetlinkRequest buffer{};
  const nlmsghdr* head = order_active_slave(buffer, 3, 7);
  REQUIRE(head->nlmsg_len == 56);
  CHECK(head->nlmsg_type == RTM_NEWLINK);
  CHECK(head->nlmsg_flags == (NLM_F_REQUEST | NLM_F_ACK));
  // From `strace ip link set bond0 type bond active_slave sb`, and NLA_F_NESTED of the two nests.
  const std::string theirs = bytes_of(
      "00000000030000000000000000000000"
      "1800128008000100626f6e640c0002800800020007000000");
  CHECK(std::string(buffer.data() + sizeof(nlmsghdr), theirs.size()) == theirs);
}

}  // namespace fieldmedic
