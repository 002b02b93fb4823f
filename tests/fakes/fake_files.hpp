// Files without the helper process: real ones, in this thread, but for those that are told to hang.
#pragma once

#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "exporter/files/file_client.hpp"
#include "exporter/files/file_wire.hpp"
#include "exporter/files/file_work.hpp"

namespace fieldmedic {

// Thread-safe.
class FakeFiles final : public FileClient {
 public:
  [[nodiscard]] Answers ask(std::span<const FileRequest> requests, SteadyTime) override {
    const std::lock_guard lock(mutex_);
    Answers answers;
    for (const auto& request : requests) {
      asked_.push_back(request);
      answers.push_back(answer(request));
    }
    return answers;
  }

  // This path and those below it.
  void hang(const std::string& path) {
    const std::lock_guard lock(mutex_);
    hanging_.insert(path);
  }
  void recover(const std::string& path) {
    const std::lock_guard lock(mutex_);
    hanging_.erase(path);
  }
  // No helper can be had.
  void lose_helper() {
    const std::lock_guard lock(mutex_);
    lost_ = true;
  }
  [[nodiscard]] std::vector<FileRequest> asked() const {
    const std::lock_guard lock(mutex_);
    return asked_;
  }

 private:
  [[nodiscard]] Result<FileAnswer> answer(const FileRequest& request) const {
    if (lost_) return fail(Errc::Unavailable, "no helper");
    if (auto good = check(request); !good) return fail(std::move(good.error()));
    for (const auto& path : hanging_) {
      if (request.path == path || request.path.starts_with(path + "/")) {
        return fail(Errc::Timeout, request.path + ": hangs");
      }
    }
    return to_result(request, perform(request, clock_));
  }

  SystemClock clock_;
  mutable std::mutex mutex_;
  std::set<std::string> hanging_;
  bool lost_ = false;
  std::vector<FileRequest> asked_;
};

}  // namespace fieldmedic
