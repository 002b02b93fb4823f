// What the tests of the SQLite journal share.
#pragma once

#include <sys/wait.h>
#include <unistd.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "remediator/journal/sqlite_journal.hpp"
#include "tests/catch.hpp"
#include "tests/fakes/every_event.hpp"
#include "tests/fakes/temp_tree.hpp"

namespace fieldmedic {

inline Stamp stamp_of(core::Epoch epoch) {
  return {epoch,
          WallTime(std::chrono::milliseconds(1'795'000'000'000)),
          {"boot-1", std::chrono::milliseconds(4'000)}};
}

inline std::unique_ptr<Journal> open_journal(const std::filesystem::path& path) {
  auto journal = open_sqlite_journal(path);
  INFO((journal ? std::string() : journal.error().message));
  REQUIRE(journal);
  return *std::move(journal);
}

inline Head append(Journal& journal, const std::vector<core::Event>& events) {
  const auto head = journal.append(journal.head(), stamp_of(3), events);
  INFO((head ? std::string() : head.error().message));
  REQUIRE(head);
  return *head;
}

// A journal in `path` that holds every_event(), closed again.
inline Head write_every_event(const std::filesystem::path& path) {
  const auto journal = open_journal(path);
  return append(*journal, every_event());
}

inline std::vector<Record> records_of(Journal& journal) {
  std::vector<Record> records;
  const auto status = journal.replay([&](const Record& record) -> Status {
    records.push_back(record);
    return {};
  });
  INFO((status ? std::string() : status.error().message));
  REQUIRE(status);
  return records;
}

inline std::vector<core::Event> events_of(Journal& journal) {
  std::vector<core::Event> events;
  for (auto& record : records_of(journal)) events.push_back(std::move(record.event));
  return events;
}

inline core::Event event_of_size(std::size_t bytes, core::IncidentId incident = 1) {
  return {event_time(0), core::HandedOver{incident, std::string(bytes, 'x')}};
}

// A forked process that runs `body` with the writing end of a pipe and leaves without running
// anything of ours. Ended by pid when it still runs.
class ForkedChild {
 public:
  explicit ForkedChild(const std::function<void(int out)>& body) {
    int ends[2] = {-1, -1};
    REQUIRE(pipe(ends) == 0);
    pid_ = fork();
    REQUIRE(pid_ >= 0);
    if (pid_ == 0) {
      close(ends[0]);
      body(ends[1]);
      _exit(0);
    }
    close(ends[1]);
    in_ = ends[0];
  }
  ~ForkedChild() {
    end();
    close(in_);
  }
  ForkedChild(const ForkedChild&) = delete;
  ForkedChild& operator=(const ForkedChild&) = delete;

  // SIGKILL, and waits until it is gone.
  void end() {
    if (pid_ <= 0) return;
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
    pid_ = 0;
  }
  // The next number written; 0 at the end.
  [[nodiscard]] std::uint64_t next() const {
    std::uint64_t number = 0;
    return read(in_, &number, sizeof number) == sizeof number ? number : 0;
  }
  // All that it writes until it ends.
  [[nodiscard]] std::string all() const {
    std::string text;
    char buffer[4096];
    for (ssize_t n = 0; (n = read(in_, buffer, sizeof buffer)) > 0;)
      text.append(buffer, static_cast<std::size_t>(n));
    return text;
  }
  [[nodiscard]] pid_t pid() const { return pid_; }

 private:
  pid_t pid_ = 0;
  int in_ = -1;
};

inline void tell(int out, std::uint64_t number) {
  if (write(out, &number, sizeof number) != sizeof number) _exit(1);
}

inline void tell(int out, std::string_view text) {
  if (write(out, text.data(), text.size()) != static_cast<ssize_t>(text.size())) _exit(1);
}

}  // namespace fieldmedic
