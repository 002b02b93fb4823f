// Which devices, mounts, file systems or fields are shown: regular expressions asked once for a
// name.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "exporter/host/host_config.hpp"

namespace fieldmedic {

// RE2, found anywhere in the name as in node_exporter (the defaults anchor themselves). Remembers
// its answers, at most 4,096. Not thread-safe.
class NameFilter {
 public:
  // An empty pattern, or one that RE2 refuses, is none.
  explicit NameFilter(const NameSelection& selection);
  ~NameFilter();
  NameFilter(const NameFilter&) = delete;
  NameFilter& operator=(const NameFilter&) = delete;

  [[nodiscard]] bool leaves_out(std::string_view name);

 private:
  struct Patterns;
  struct Hash : std::hash<std::string_view> {
    using is_transparent = void;
  };

  std::unique_ptr<Patterns> patterns_;
  std::unordered_map<std::string, bool, Hash, std::equal_to<>> known_;
};

}  // namespace fieldmedic
