// One key of a store that several machines agree on, with a record of ours beside it that says who
// changed the key and what it was before.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>

#include "common/result.hpp"

namespace fieldmedic {

inline constexpr std::size_t kLargestValue = 256uz * 1024;  // bytes

struct KeyState {
  bool there = false;
  std::string value;
  std::int64_t revision = 0;  // of the store, at the key's last change; 0: it is not there
  std::int64_t version = 0;   // what a change of it is bound to
  bool of_session = false;    // it goes with whoever wrote it (a lease in etcd, an ephemeral node)
};

// Two keys that were changed by one change have the same revision.
struct KeySight {
  KeyState key;
  KeyState record;
};

// What is to be there; none: nothing.
struct KeyChange {
  std::optional<std::string> value;
  std::optional<std::string> record;
};

// Not thread-safe. Each call returns within `timeout`, or soon after `stop` is requested.
class KeyStore {
 public:
  virtual ~KeyStore() = default;

  // Both at one time, as a quorum of the store has them. Errc::Denied, Invalid: it said no.
  // Malformed, TooLarge. Unavailable, Timeout, Io: it cannot be read now. Cancelled.
  [[nodiscard]] virtual Result<KeySight> read(std::chrono::milliseconds timeout,
                                              const std::stop_token& stop) = 0;

  // Changes both in one move, while both are of the versions of `seen`. Errc::Conflict: they are
  // not, perhaps since this very change was made by a machine that did not say so. Denied, Invalid,
  // NotFound, Unavailable: nothing was changed. Any other: whether it was, or still will be within
  // some seconds, is not known.
  [[nodiscard]] virtual Status exchange(const KeySight& seen, const KeyChange& change,
                                        std::chrono::milliseconds timeout,
                                        const std::stop_token& stop) = 0;
};

}  // namespace fieldmedic
