// What goes over the socket between the remediator and the process that asks ZooKeeper for it
// (zookeeper_helper.hpp): a question, its answer under the same number, and the next question. Each
// is JSON behind its length; whatever ZooKeeper or the configuration named is Base64 in it, since
// it need be no text. Both ends are the same program file, so there is no version. Pure.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/result.hpp"
#include "remediator/reach/zookeeper.hpp"

namespace fieldmedic {

inline constexpr std::size_t kFrameHead = 4;                       // bytes: the length, big endian
inline constexpr std::size_t kMostFrameBytes = 4uz * 1024 * 1024;  // behind it

struct ZookeeperQuestion {
  enum class Verb : std::uint8_t { Open, AskQuorum, Get, Children, Order };

  std::uint64_t number = 0;
  Verb verb = Verb::Open;
  ZookeeperAccess access{};              // Open
  std::chrono::milliseconds timeout{0};  // Open
  std::string path{};                    // AskQuorum, Get, Children
  std::vector<ZookeeperOrder> orders{};  // Order
};

// What the question does not ask for is left as it is.
struct ZookeeperAnswer {
  std::uint64_t number = 0;
  Status done{};
  ZookeeperNode node{};
  std::vector<std::string> names{};
};

[[nodiscard]] std::string encode(const ZookeeperQuestion& question);
// Errc::TooLarge instead of an answer that no frame holds.
[[nodiscard]] std::string encode(const ZookeeperAnswer& answer);

// Errc::Malformed: no frame of ours.
[[nodiscard]] Result<std::size_t> frame_size(std::string_view head);
[[nodiscard]] Result<ZookeeperQuestion> decode_question(std::string_view body);
[[nodiscard]] Result<ZookeeperAnswer> decode_answer(std::string_view body);

}  // namespace fieldmedic
