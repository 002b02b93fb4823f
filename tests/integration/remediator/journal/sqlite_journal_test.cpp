#include "remediator/journal/sqlite_journal.hpp"

#include <filesystem>

#include "tests/catch.hpp"
#include "tests/fakes/every_event.hpp"
#include "tests/fakes/temp_tree.hpp"

namespace fieldmedic {
namespace {

Stamp stamp_of(core::Epoch epoch) {
  return {epoch,
          WallTime(std::chrono::milliseconds(1'795'000'000'000)),
          {"boot-1", std::chrono::milliseconds(4'000)}};
}

std::unique_ptr<Journal> open_journal(const std::filesystem::path& path) {
  auto journal = open_sqlite_journal(path);
  INFO((journal ? std::string() : journal.error().message));
  REQUIRE(journal);
  return *std::move(journal);
}

Head append(Journal& journal, const std::vector<core::Event>& events) {
  const auto head = journal.append(journal.head(), stamp_of(3), events);
  INFO((head ? std::string() : head.error().message));
  REQUIRE(head);
  return *head;
}

std::vector<Record> records_of(Journal& journal) {
  std::vector<Record> records;
  const auto status = journal.replay([&](const Record& record) -> Status {
    records.push_back(record);
    return {};
  });
  INFO((status ? std::string() : status.error().message));
  REQUIRE(status);
  return records;
}

std::vector<core::Event> events_of(Journal& journal) {
  std::vector<core::Event> events;
  for (auto& record : records_of(journal)) events.push_back(std::move(record.event));
  return events;
}

TEST_CASE("a new journal is empty and its file is private") {
  const TempTree folder;
  const auto journal = open_journal(folder.root / "journal.db");
  CHECK(journal->head() == Head{});
  CHECK(records_of(*journal).empty());
  CHECK(std::filesystem::status(folder.root / "journal.db").permissions() ==
        (std::filesystem::perms::owner_read | std::filesystem::perms::owner_write));
}

TEST_CASE("what was appended is replayed in order after reopening") {
  const TempTree folder;
  const auto events = every_event();
  Head head;
  {
    const auto journal = open_journal(folder.root / "journal.db");
    append(*journal, {events.begin(), events.begin() + 5});
    head = append(*journal, {events.begin() + 5, events.end()});
    CHECK(head.sequence == events.size());
    CHECK(head.hash.size() == 64);
    CHECK_FALSE(std::filesystem::exists(folder.root / "journal.db-shm"));
  }
  const auto journal = open_journal(folder.root / "journal.db");
  CHECK(journal->head() == head);
  CHECK(events_of(*journal) == events);
  const auto record = records_of(*journal).back();
  CHECK(record.sequence == events.size());
  CHECK(record.epoch == 3);
  CHECK(record.wall == stamp_of(3).wall);
  CHECK(record.boot.boot_id == "boot-1");
  CHECK(record.boot.since_boot == std::chrono::milliseconds(4'000));
}

}  // namespace
}  // namespace fieldmedic
