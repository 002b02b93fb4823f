// Which devices, mounts or file systems are left out: a regular expression asked once for a name.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

namespace fieldmedic {

// RE2, found anywhere in the name as in node_exporter (the defaults anchor themselves). Remembers
// its answers, at most 4,096. Not thread-safe.
class DeviceFilter {
 public:
  // An empty pattern, or one that RE2 refuses, matches nothing.
  explicit DeviceFilter(std::string_view pattern);
  ~DeviceFilter();
  DeviceFilter(const DeviceFilter&) = delete;
  DeviceFilter& operator=(const DeviceFilter&) = delete;

  [[nodiscard]] bool matches(std::string_view name);

 private:
  struct Pattern;
  struct Hash : std::hash<std::string_view> {
    using is_transparent = void;
  };

  std::unique_ptr<Pattern> pattern_;
  std::unordered_map<std::string, bool, Hash, std::equal_to<>> known_;
};

}  // namespace fieldmedic
