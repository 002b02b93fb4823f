#include "remediator/journal/sqlite_journal.hpp"

#include "tests/integration/remediator/journal/journal_fixture.hpp"

namespace fieldmedic {
namespace {

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
    // A mapped index file would turn a full disk into SIGBUS.
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

TEST_CASE("the head does not depend on how events were batched") {
  const TempTree folder;
  const auto events = every_event();
  const auto one_by_one = open_journal(folder.root / "a.db");
  for (const auto& event : events) append(*one_by_one, {event});
  CHECK(write_every_event(folder.root / "b.db") == one_by_one->head());
}

TEST_CASE("an append of nothing changes nothing") {
  const TempTree folder;
  const auto journal = open_journal(folder.root / "journal.db");
  const Head head = append(*journal, every_event());
  CHECK(append(*journal, {}) == head);
  CHECK(records_of(*journal).size() == head.sequence);
}

TEST_CASE("an append on another head is refused and writes nothing") {
  const TempTree folder;
  const auto journal = open_journal(folder.root / "journal.db");
  const Head head = append(*journal, every_event());
  for (const Head& wrong : {Head{}, Head{head.sequence - 1, head.hash}, Head{head.sequence, ""},
                            Head{head.sequence + 1, head.hash}}) {
    const auto refused = journal->append(wrong, stamp_of(3), {event_of_size(1)});
    REQUIRE_FALSE(refused);
    CHECK(refused.error().kind == AppendError::Refused);
  }
  CHECK(journal->head() == head);
  CHECK(records_of(*journal).size() == head.sequence);
}

TEST_CASE("a timeline holds the last records of one incident in order") {
  const TempTree folder;
  const auto journal = open_journal(folder.root / "journal.db");
  for (core::IncidentId incident : {1U, 2U, 1U, 0U, 1U, 2U}) {
    if (incident == 0)
      append(*journal, {{event_time(0), core::IntakeLost{"cut"}}});
    else
      append(*journal, {event_of_size(10, incident)});
  }
  const auto sequences = [&](core::IncidentId incident, std::size_t most) {
    std::vector<std::uint64_t> found;
    const auto records = journal->timeline(incident, most);
    REQUIRE(records);
    for (const auto& record : *records) found.push_back(record.sequence);
    return found;
  };
  CHECK(sequences(1, 100) == std::vector<std::uint64_t>{1, 3, 5});
  CHECK(sequences(1, 2) == std::vector<std::uint64_t>{3, 5});
  CHECK(sequences(1, SIZE_MAX) == std::vector<std::uint64_t>{1, 3, 5});
  CHECK(sequences(1, 0).empty());
  CHECK(sequences(2, 100) == std::vector<std::uint64_t>{2, 6});
  CHECK(sequences(0, 100).empty());
  CHECK(sequences(99, 100).empty());
}

TEST_CASE("an error of the visitor ends the replay and is returned") {
  const TempTree folder;
  const auto journal = open_journal(folder.root / "journal.db");
  append(*journal, every_event());
  int visited = 0;
  const auto status = journal->replay([&](const Record&) -> Status {
    if (++visited == 3) return fail(Errc::Cancelled, "enough");
    return {};
  });
  REQUIRE_FALSE(status);
  CHECK(status.error() == Error{Errc::Cancelled, "enough"});
  CHECK(visited == 3);
  CHECK(append(*journal, {event_of_size(1)}).sequence == every_event().size() + 1);
}

TEST_CASE("a long journal is moved from the log into the table as it grows") {
  const TempTree folder;
  const auto path = folder.root / "journal.db";
  std::uintmax_t largest_log = 0;
  {
    const auto journal = open_journal(path);
    for (int i = 0; i < 400; ++i) {
      append(*journal, {event_of_size(20'000)});
      largest_log = std::max(largest_log, std::filesystem::file_size(path.string() + "-wal"));
    }
    CHECK(std::filesystem::file_size(path) > 4'000'000);
    CHECK(largest_log < 3'000'000);
  }
  CHECK(records_of(*open_journal(path)).size() == 400);
}

TEST_CASE("a journal that lost its name is broken for good") {
  const TempTree folder;
  const auto journal = open_journal(folder.root / "journal.db");
  append(*journal, every_event());
  std::filesystem::rename(folder.root / "journal.db", folder.root / "elsewhere.db");
  for (int i = 0; i < 2; ++i) {
    const auto broken = journal->append(journal->head(), stamp_of(3), {event_of_size(1)});
    REQUIRE_FALSE(broken);
    CHECK(broken.error().kind == AppendError::Broken);
    CHECK(broken.error().message == "the journal's file was moved or removed");
    std::filesystem::rename(folder.root / (i == 0 ? "elsewhere.db" : "journal.db"),
                            folder.root / (i == 0 ? "journal.db" : "elsewhere.db"));
  }
}

}  // namespace
}  // namespace fieldmedic
