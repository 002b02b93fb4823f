// What tests of files over SSH share: a host over there that is this machine, and a connection that
// may lose an answer.
#pragma once

#include <sys/mount.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "remediator/reach/ssh_connection.hpp"
#include "tests/fakes/fake_runner.hpp"
#include "tests/fakes/fake_systemd.hpp"
#include "tests/fakes/far_host.hpp"
#include "tests/fakes/ssh_host.hpp"

namespace fieldmedic {

inline std::string content_of(const std::filesystem::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

inline std::vector<std::string> names_in(const std::filesystem::path& folder) {
  std::vector<std::string> found;
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    found.push_back(entry.path().filename().string());
  std::ranges::sort(found);
  return found;
}

// Runs commands over another runner. `before` is called right before one that leaves a record is
// sent; when `loses` is set, its answer never comes back.
class BadLine final : public ProcessRunner {
 public:
  explicit BadLine(std::shared_ptr<ProcessRunner> line) : line_(std::move(line)) {}
  [[nodiscard]] Result<ProcessResult> run(const Command& command, std::stop_token stop) override {
    const bool changes = std::ranges::any_of(command.argv, [](const std::string& argument) {
      return argument.contains("umask 077\nf=$1") || argument.contains("link=$1 seen=$2");
    });
    if (changes && before) before();
    auto result = line_->run(command, std::move(stop));
    if (changes && loses) return fail(Errc::Io, "the connection was lost");
    return result;
  }

  std::function<void()> before;
  bool loses = false;

 private:
  std::shared_ptr<ProcessRunner> line_;
};

// A file system of its own in a folder, gone with this. `mounted` says whether it may be had here.
class SmallDisk {
 public:
  SmallDisk(std::filesystem::path folder, const char* size)
      : folder_(std::move(folder)),
        mounted(mount("tmpfs", folder_.c_str(), "tmpfs", 0, size) == 0) {}
  ~SmallDisk() {
    if (mounted) umount2(folder_.c_str(), MNT_DETACH);
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;
  [[nodiscard]] bool only_read() const {
    return mount("tmpfs", folder_.c_str(), "tmpfs", MS_REMOUNT | MS_RDONLY, nullptr) == 0;
  }

 private:
  std::filesystem::path folder_;

 public:
  const bool mounted;
};

}  // namespace fieldmedic
