// What data_divert sees of links, stores and who uses them: here or on a host over SSH. Internal to
// actions/.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <stop_token>
#include <string>
#include <vector>

#include "remediator/actions/action.hpp"
#include "remediator/reach/process_family.hpp"

namespace fieldmedic {

// Where it is looked. Valid during a call.
struct StorePlace {
  const ActionTools& tools;
  const FarHost* far;  // null: here
  const std::stop_token& stop;
};

// Errors as read_link() has them; over SSH the runner's too, and Io: the answer cannot be read.
[[nodiscard]] Result<std::string> link_at(const StorePlace& place, const std::string& link);

struct StoreSight {
  std::uint64_t files = 0;
  std::uint64_t bytes = 0;
  bool more = false;  // than are counted
};
// Errors as look_at_folder() has them, but TooLarge.
[[nodiscard]] Result<StoreSight> store_at(const StorePlace& place, const std::string& folder);

// Errc::NotFound, Conflict: it is not there, or no folder.
[[nodiscard]] Status store_is_there(const StorePlace& place, const std::string& folder);

// A spare store that is there and can take something: a full one would lose what the sick one
// keeps. Errc::Conflict: it cannot.
[[nodiscard]] Status has_room(const StorePlace& place, const std::string& folder);

struct StoreUsers {
  std::vector<ProcessInfo> members;  // the collector's processes
  std::vector<pid_t> holders;        // those of them that hold a file below the folder open
};
// Errc::Denied or Errc::Io: that cannot be read of one.
[[nodiscard]] Result<StoreUsers> users_at(const StorePlace& place, const ProcessPattern& pattern,
                                          const std::string& folder);

}  // namespace fieldmedic
