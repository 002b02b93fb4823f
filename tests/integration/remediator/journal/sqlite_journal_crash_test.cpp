// A full disk and a killed writer: what was acknowledged is there, what was refused is not.
#include <sys/mount.h>
#include <sys/resource.h>

#include <csignal>
#include <fstream>
#include <iostream>

#include <fmt/format.h>
#include <sched.h>

#include "tests/integration/remediator/journal/journal_fixture.hpp"

namespace fieldmedic {
namespace {

// What the child tells: empty for success. Its checks are plain, Catch lives in the parent.
struct FullDisk {
  std::filesystem::path folder;
  std::size_t disk_bytes;
  std::size_t event_bytes;
  std::size_t batch;
  std::string_view refused_during;  // "commit" or "insert": what the case is there to prove
};

std::string prove_refusal(Journal& journal, const FullDisk& disk, std::size_t& acknowledged) {
  const std::vector<core::Event> batch(disk.batch, event_of_size(disk.event_bytes));
  for (int tries = 0; tries < 100'000; ++tries) {
    const Head before = journal.head();
    const auto head = journal.append(before, stamp_of(1), batch);
    if (head) {
      acknowledged += batch.size();
      continue;
    }
    if (head.error().kind != AppendError::Refused) return "not refused: " + head.error().message;
    if (head.error().message.find("full") == std::string::npos) return head.error().message;
    if (!head.error().message.starts_with(disk.refused_during)) return head.error().message;
    if (journal.head() != before) return "a refused append moved the head";
    return {};
  }
  return "the disk never became full";
}

std::string verify(Journal& journal, std::size_t acknowledged) {
  std::size_t records = 0;
  const auto status = journal.replay([&](const Record&) -> Status {
    ++records;
    return {};
  });
  if (!status) return status.error().message;
  if (records != acknowledged)
    return fmt::format("{} records for {} acknowledged", records, acknowledged);
  return {};
}

std::string fill_and_make_room(const FullDisk& disk) {
  const auto path = disk.folder / "journal.db";
  const auto ballast = disk.folder / "ballast";
  std::ofstream(ballast) << std::string(disk.disk_bytes / 2, 'b');
  auto journal = open_sqlite_journal(path);
  if (!journal) return journal.error().message;

  std::size_t acknowledged = 0;
  if (auto why = prove_refusal(**journal, disk, acknowledged); !why.empty()) return why;
  if (auto why = prove_refusal(**journal, disk, acknowledged); !why.empty()) return "again: " + why;
  if (auto why = verify(**journal, acknowledged); !why.empty()) return "when full: " + why;
  if ((*journal)->probe()) return "the probe passes on a full disk";
  std::filesystem::remove(ballast);
  if (const auto room = (*journal)->probe(); !room) return "with room: " + room.error().message;
  const std::vector<core::Event> batch(disk.batch, event_of_size(disk.event_bytes));
  const auto head = (*journal)->append((*journal)->head(), stamp_of(1), batch);
  if (!head) return "after there was room: " + head.error().message;
  acknowledged += batch.size();
  if (auto why = verify(**journal, acknowledged); !why.empty()) return "with room: " + why;
  journal->reset();
  auto again = open_sqlite_journal(path);
  if (!again) return again.error().message;
  return verify(**again, acknowledged);
}

// A small disk of its own, in a mount namespace that ends with the process.
std::string on_small_disk(const FullDisk& disk) {
  if (unshare(CLONE_NEWNS) != 0) return "SKIP: a mount namespace needs root";
  if (mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
      mount("none", disk.folder.c_str(), "tmpfs", 0,
            fmt::format("size={}", disk.disk_bytes).c_str()) != 0)
    return "SKIP: tmpfs cannot be mounted here";
  return fill_and_make_room(disk);
}

TEST_CASE("a full disk is a clean refusal and the journal goes on when there is room") {
  const TempTree folder;
  const struct {
    const char* name;
    FullDisk disk;
  } cases[] = {
      {"small events meet it in the commit", {folder.root, 1 << 20, 100, 1, "commit"}},
      {"events of a page meet it in the commit", {folder.root, 1 << 20, 5'000, 3, "commit"}},
      {"a batch beyond the page cache meets it in an insert",
       {folder.root, 4 << 20, 20'000, 150, "insert"}},
      {"the log was moved into the table before", {folder.root, 8 << 20, 9'000, 2, "commit"}},
  };
  for (const auto& c : cases) DYNAMIC_SECTION(c.name) {
      const ForkedChild child([&](int out) { tell(out, on_small_disk(c.disk)); });
      const std::string told = child.all();
      if (told.starts_with("SKIP: ")) {
        std::cout << told << "\n";
        return;
      }
      CHECK(told == "");
    }
}

// A file size limit stands for a failing disk: SQLite reports both as an I/O error.
std::string fail_to_write(const std::filesystem::path& path, std::size_t& acknowledged) {
  std::signal(SIGXFSZ, SIG_IGN);
  const rlimit limit{400'000, 400'000};
  if (setrlimit(RLIMIT_FSIZE, &limit) != 0) return "no limit";
  auto journal = open_sqlite_journal(path);
  if (!journal) return journal.error().message;
  for (int tries = 0; tries < 10'000; ++tries) {
    const auto head = (*journal)->append((*journal)->head(), stamp_of(1), {event_of_size(9'000)});
    if (head) {
      ++acknowledged;
      continue;
    }
    if (head.error().kind != AppendError::Broken) return "went on: " + head.error().message;
    const auto next = (*journal)->append((*journal)->head(), stamp_of(1), {event_of_size(1)});
    return !next && next.error().kind == AppendError::Broken ? "" : "went on after it was broken";
  }
  return "every write succeeded";
}

TEST_CASE("a write error breaks the journal and the next start finds what was acknowledged") {
  const TempTree folder;
  const auto path = folder.root / "journal.db";
  const ForkedChild child([&](int out) {
    std::size_t acknowledged = 0;
    const auto why = fail_to_write(path, acknowledged);
    tell(out, acknowledged);
    tell(out, why);
  });
  const std::uint64_t acknowledged = child.next();
  CHECK(child.all() == "");
  CHECK(acknowledged > 10);
  CHECK(records_of(*open_journal(path)).size() == acknowledged);
}

TEST_CASE("a killed writer loses nothing that it acknowledged") {
  const TempTree folder;
  const auto path = folder.root / "journal.db";
  std::uint64_t acknowledged = 0;
  for (std::uint64_t round = 1; round <= 15; ++round) {
    ForkedChild writer([&](int out) {
      const auto journal = open_sqlite_journal(path);
      if (!journal) _exit(1);
      for (std::size_t i = 0;; ++i) {
        const std::vector<core::Event> batch(1 + i % 3, event_of_size(50 + (i * 997) % 6'000));
        const auto head = (*journal)->append((*journal)->head(), stamp_of(round), batch);
        if (!head) _exit(2);
        tell(out, head->sequence);
      }
    });
    // Killed wherever it then is: a little further in each round.
    for (std::uint64_t i = 0; i < 7 * round; ++i) REQUIRE((acknowledged = writer.next()) > 0);
    writer.end();
    while (const auto last = writer.next()) acknowledged = last;

    const auto journal = open_journal(path);
    CHECK(journal->head().sequence >= acknowledged);
    CHECK(journal->head().sequence <= acknowledged + 3);
    CHECK(records_of(*journal).size() == journal->head().sequence);
  }
}

}  // namespace
}  // namespace fieldmedic
