// Snapshots, what they save from being read, and what is found all the same.
#include <sqlite3.h>

#include "remediator/core/fold.hpp"
#include "remediator/journal/journal_file.hpp"
#include "tests/integration/remediator/journal/journal_fixture.hpp"

namespace fieldmedic {
namespace {

constexpr WallTime kWritten{std::chrono::milliseconds(1'795'000'000'000)};  // by stamp_of

void change(const std::filesystem::path& path, const char* sql) {
  sqlite3* database = nullptr;
  REQUIRE(sqlite3_open(path.c_str(), &database) == SQLITE_OK);
  CHECK(sqlite3_exec(database, sql, nullptr, nullptr, nullptr) == SQLITE_OK);
  sqlite3_close(database);
}

core::State folded(const std::vector<core::Event>& events) {
  core::State state;
  for (const core::Event& event : events) core::fold(state, event);
  return state;
}

// A journal in a folder of its own that takes a snapshot every few records.
struct Kept {
  TempTree folder;
  std::filesystem::path path = folder.root / "journal.db";
  JournalLimits limits{10, std::chrono::milliseconds(0)};
  std::vector<core::Event> written;

  std::unique_ptr<Journal> open() const {
    auto journal = open_sqlite_journal(path, limits);
    INFO((journal ? std::string() : journal.error().message));
    REQUIRE(journal);
    return *std::move(journal);
  }
  // Appends every kind of event, and tidies until there is nothing more to tidy.
  void write() {
    const auto journal = open();
    REQUIRE(journal->state());
    const auto events = every_event();
    append(*journal, events);
    written.insert(written.end(), events.begin(), events.end());
    CHECK(tidy(*journal).empty());
  }
  std::string tidy(Journal& journal, WallTime now = kWritten) const {
    const core::State state = folded(written);
    for (int slices = 0; slices < 1000; ++slices) {
      const auto tidied = journal.tidy(state, now);
      REQUIRE(tidied);
      if (!tidied->altered.empty() || !tidied->more) return tidied->altered;
    }
    return "there is no end to it";
  }
  Error refusal() const {
    const auto state = open()->state();
    REQUIRE_FALSE(state);
    return state.error();
  }
};

TEST_CASE("the state comes from a snapshot and the records after it") {
  Kept kept;
  kept.write();
  kept.write();
  // Whether the records before the snapshot are read shows when one of them makes no sense.
  change(kept.path, "UPDATE event SET body = '{}' WHERE sequence = 3");
  const auto journal = kept.open();
  const auto before = append(*journal, {event_of_size(10)});
  kept.written.push_back(event_of_size(10));
  const auto state = journal->state();
  REQUIRE(state);
  CHECK(*state == folded(kept.written));
  CHECK(before.sequence == kept.written.size());
}

TEST_CASE(
    "a record before the snapshot that was altered is found behind the start, and told once") {
  Kept kept;
  kept.write();
  kept.write();
  {
    const auto journal = kept.open();
    REQUIRE(journal->state());
    CHECK(kept.tidy(*journal).empty());
  }
  change(kept.path, "UPDATE event SET body = replace(body, '12', '13') WHERE sequence = 5");
  const auto journal = kept.open();
  REQUIRE(journal->state());
  CHECK(kept.tidy(*journal) == "record 5: wrong hash");
  CHECK(kept.tidy(*journal).empty());
}

TEST_CASE("a chain that was rewritten below a snapshot does not meet it") {
  Kept kept;
  kept.write();
  change(kept.path, "DELETE FROM event WHERE sequence < 4");
  const auto journal = kept.open();
  REQUIRE(journal->state());
  CHECK(kept.tidy(*journal) == "record 1 is missing, 4 follows");
}

TEST_CASE("a damaged snapshot is passed over for an older one, or for all records") {
  Kept kept;
  kept.write();
  kept.write();
  kept.write();
  for (const char* damage : {"UPDATE snapshot SET body = zeroblob(length(body)) WHERE sequence = "
                             "(SELECT max(sequence) FROM snapshot)",
                             "UPDATE snapshot SET hash = zeroblob(32)", "DELETE FROM snapshot"}) {
    change(kept.path, damage);
    const auto state = kept.open()->state();
    REQUIRE(state);
    CHECK(*state == folded(kept.written));
  }
}

TEST_CASE("records cut off the end show against a snapshot that knew them") {
  Kept kept;
  kept.write();
  change(kept.path, "DELETE FROM event WHERE sequence > 20");
  const Error error = kept.refusal();
  CHECK(error.code == Errc::Malformed);
  CHECK(error.message.find("its end was cut off") != std::string::npos);
}

TEST_CASE("old records are dropped under a snapshot, and the chain goes on from there") {
  Kept kept;
  kept.limits.keep = std::chrono::hours(1);
  kept.write();
  kept.write();
  {
    const auto journal = kept.open();
    REQUIRE(journal->state());
    CHECK(kept.tidy(*journal, kWritten + std::chrono::minutes(59)).empty());
    CHECK(records_of(*journal).size() == kept.written.size());
  }
  const auto journal = kept.open();
  REQUIRE(journal->state());
  CHECK(kept.tidy(*journal, kWritten + std::chrono::hours(2)).empty());
  // The older of the two snapshots was taken after the first half.
  const auto records = records_of(*journal);
  REQUIRE(records.size() == kept.written.size() / 2);
  CHECK(records.front().sequence == kept.written.size() / 2 + 1);
  const auto state = journal->state();
  REQUIRE(state);
  CHECK(*state == folded(kept.written));
  CHECK(kept.tidy(*journal).empty());
}

TEST_CASE("what was dropped cannot be had without its snapshot") {
  Kept kept;
  kept.limits.keep = std::chrono::hours(1);
  kept.write();
  {
    const auto journal = kept.open();
    REQUIRE(journal->state());
    CHECK(kept.tidy(*journal, kWritten + std::chrono::hours(2)).empty());
    CHECK(records_of(*journal).size() == 2);
  }
  const auto read = read_journal_file(kept.path, [](const Record&) -> Status { return {}; });
  REQUIRE(read);
  CHECK(read->sequence == kept.written.size());
  change(kept.path, "UPDATE snapshot SET digest = zeroblob(32)");
  CHECK(kept.refusal().message.find("restore a backup") != std::string::npos);
}

TEST_CASE("a journal of schema 1 is migrated with all that is in it") {
  Kept kept;
  kept.write();
  change(kept.path, "DROP TABLE snapshot; DROP TABLE anchor; PRAGMA user_version = 1");
  // Looked at from outside it stays what it is.
  REQUIRE(read_journal_file(kept.path, [](const Record&) -> Status { return {}; }));
  {
    const auto journal = kept.open();
    const auto state = journal->state();
    REQUIRE(state);
    CHECK(*state == folded(kept.written));
    CHECK(kept.tidy(*journal).empty());
  }
  change(kept.path, "UPDATE event SET body = '{}' WHERE sequence = 3");
  CHECK(kept.open()->state());  // by the snapshot that was taken
}

}  // namespace
}  // namespace fieldmedic
