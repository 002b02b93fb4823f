// A journal in memory that can be told to refuse or to break.
#pragma once

#include <atomic>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "remediator/journal/journal.hpp"

namespace fieldmedic {

// As the interface asks: used by one thread at a time. The switches and records() may be used from
// others.
class MemoryJournal final : public Journal {
 public:
  [[nodiscard]] Head head() const override {
    const std::lock_guard lock(mutex_);
    return {records_.size(), records_.empty() ? "" : "hash"};
  }
  [[nodiscard]] std::expected<Head, AppendFailure> append(
      const Head& expected, const Stamp& stamp, const std::vector<core::Event>& events) override {
    const std::lock_guard lock(mutex_);
    const int call = ++appends_;
    if (broken || call == break_at)
      return std::unexpected(AppendFailure{AppendError::Broken, "test: broken"});
    if (refusing || call == refuse_at || expected.sequence != records_.size())
      return std::unexpected(AppendFailure{AppendError::Refused, "test: full"});
    for (const core::Event& event : events)
      records_.push_back({records_.size() + 1, stamp.epoch, stamp.wall, stamp.boot, event});
    return Head{records_.size(), "hash"};
  }
  [[nodiscard]] std::expected<void, AppendFailure> probe() override {
    const std::lock_guard lock(mutex_);
    if (broken) return std::unexpected(AppendFailure{AppendError::Broken, "test: broken"});
    if (refusing) return std::unexpected(AppendFailure{AppendError::Refused, "test: full"});
    return {};
  }
  [[nodiscard]] Status replay(const std::function<Status(const Record&)>& visit) override {
    for (const Record& record : records())
      if (auto status = visit(record); !status) return status;
    return {};
  }
  [[nodiscard]] Result<std::vector<Record>> timeline(core::IncidentId incident,
                                                     std::size_t) override {
    std::vector<Record> found;
    for (const Record& record : records())
      if (core::incident_of(record.event.payload) == incident) found.push_back(record);
    return found;
  }
  [[nodiscard]] std::expected<Tidied, AppendFailure> tidy(const core::State& state,
                                                          WallTime) override {
    const std::lock_guard lock(mutex_);
    tidied_ = state;
    return Tidied{false, std::exchange(altered_, {})};
  }
  // What the next tidying finds.
  void alter(std::string what) {
    const std::lock_guard lock(mutex_);
    altered_ = std::move(what);
  }
  [[nodiscard]] core::State tidied() const {
    const std::lock_guard lock(mutex_);
    return tidied_;
  }
  [[nodiscard]] std::vector<Record> records() const {
    const std::lock_guard lock(mutex_);
    return records_;
  }
  template <class E>
  [[nodiscard]] std::size_t recorded() const {
    std::size_t count = 0;
    for (const Record& record : records())
      if (std::holds_alternative<E>(record.event.payload)) ++count;
    return count;
  }

  std::atomic<bool> refusing = false;
  std::atomic<bool> broken = false;
  std::atomic<int> refuse_at = 0;  // the nth append is refused; 0: none
  std::atomic<int> break_at = 0;
  [[nodiscard]] int appends() const { return appends_; }

 private:
  mutable std::mutex mutex_;
  std::atomic<int> appends_ = 0;
  std::vector<Record> records_;
  core::State tidied_;
  std::string altered_;
};

}  // namespace fieldmedic
