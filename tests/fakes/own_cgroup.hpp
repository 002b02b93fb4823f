// A control group of its own below that of this process, in the hierarchies that a systemd keeps
// its units in. Two systemds in one group take each other's processes for their own.
#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <vector>

#include "tests/fakes/eventually.hpp"

namespace fieldmedic {

// Removed with it, when nobody lives in there any more. Where none can be made it has no effect.
class OwnCgroup {
 public:
  explicit OwnCgroup(const std::string& name) {
    const std::string root = "/sys/fs/cgroup";
    const bool unified = std::filesystem::exists(root + "/cgroup.procs");
    std::ifstream own("/proc/self/cgroup");
    for (std::string line; std::getline(own, line);) {
      std::string mount;
      if (line.starts_with("0::")) mount = unified ? root : root + "/unified";
      if (line.contains(":name=systemd:")) mount = root + "/systemd";
      const std::string folder = mount + line.substr(line.rfind(':') + 1) + "/" + name;
      std::error_code error;
      if (mount.empty()) continue;
      std::filesystem::create_directory(folder, error);  // one that an earlier pid left will do
      if (error) continue;
      folders_.push_back(folder);
      members_.push_back(folder + "/cgroup.procs");
    }
  }
  ~OwnCgroup() {
    for (const auto& folder : folders_) (void)eventually([&] { return remove(folder); });
  }
  OwnCgroup(const OwnCgroup&) = delete;
  OwnCgroup& operator=(const OwnCgroup&) = delete;

  // Between fork and exec of the child that is to live there.
  void enter() const {
    for (const auto& file : members_) {
      const int fd = open(file.c_str(), O_WRONLY | O_CLOEXEC);
      if (fd < 0) continue;
      if (write(fd, "0", 1) < 0) _exit(126);
      close(fd);
    }
  }

 private:
  // The deepest first; whether all of it is gone.
  static bool remove(const std::string& folder) {
    std::vector<std::string> all{folder};
    std::error_code error;
    for (std::filesystem::recursive_directory_iterator at(folder, error), end; at != end;
         at.increment(error)) {
      if (error) return false;
      if (at->is_directory(error)) all.push_back(at->path().native());
    }
    std::ranges::sort(all, std::greater(), &std::string::size);
    return std::ranges::all_of(all, [](const auto& each) { return rmdir(each.c_str()) == 0; });
  }

  std::vector<std::string> folders_;
  std::vector<std::string> members_;  // the file of each by which a process enters
};

}  // namespace fieldmedic
