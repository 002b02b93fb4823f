// Hosts from Prometheus' file_sd files: [{"targets": ["10.0.0.11:9987"], "labels": {"host":
// "sh-01", "group": "shanghai"}}], as JSON or YAML.
#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "common/result.hpp"
#include "remediator/reach/inventory.hpp"

namespace fieldmedic {

inline constexpr std::size_t kMostFileSdFiles = 256;
inline constexpr std::size_t kMostWatchedHosts = 20'000;

// `file_sd` of the configuration.
struct FileSd {
  std::vector<std::string> patterns;  // absolute paths, with * ? [ ] as in a shell; empty: none
  std::string host_label = "host";    // whose value is the name of the host
  std::string group_label = "group";  // and of the group that it is in

  friend bool operator==(const FileSd&, const FileSd&) = default;
};

// The group of each host, by its name.
using WatchedHosts = std::map<std::string, std::string, std::less<>>;

// What one file names. An entry without targets, or without both labels, is of something else and
// is left out. Errc::Malformed: the first fault, with its place; such a file says nothing.
[[nodiscard]] Result<WatchedHosts> read_file_sd(const std::filesystem::path& file,
                                                const FileSd& labels);

// Reads the files again and again. Not thread-safe.
class FileSdReader {
 public:
  struct Answer {
    WatchedHosts hosts;
    // One a file or pattern, with its name: what was last said still counts.
    std::vector<std::string> faults;
  };
  // A file that is gone says nothing more when a pattern found it; one that is named is a fault.
  [[nodiscard]] Answer read(const FileSd& config);

 private:
  std::map<std::string, WatchedHosts> good_;  // what each file last said
};

// The inventory with these hosts beside those that it declares, which stay as they are. A host of a
// group that is not declared is none of ours.
[[nodiscard]] std::shared_ptr<const Inventory> with_watched(const Inventory& declared,
                                                            const WatchedHosts& hosts);

}  // namespace fieldmedic
