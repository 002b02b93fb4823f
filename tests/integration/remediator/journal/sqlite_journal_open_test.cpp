// What opening refuses, and what replay finds in a file that was tampered with.
#include <sys/stat.h>

#include <fstream>

#include <sqlite3.h>

#include "tests/integration/remediator/journal/journal_fixture.hpp"

namespace fieldmedic {
namespace {

Error refusal_of(const std::filesystem::path& path) {
  const auto journal = open_sqlite_journal(path);
  REQUIRE_FALSE(journal);
  INFO(journal.error().message);
  CHECK(journal.error().message.find(path.string()) != std::string::npos);
  return journal.error();
}

std::string content_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void tamper(const std::filesystem::path& path, const char* sql) {
  sqlite3* database = nullptr;
  REQUIRE(sqlite3_open(path.c_str(), &database) == SQLITE_OK);
  CHECK(sqlite3_exec(database, sql, nullptr, nullptr, nullptr) == SQLITE_OK);
  CHECK(sqlite3_changes(database) > 0);
  sqlite3_close(database);
}

Status replayed(Journal& journal) {
  return journal.replay([](const Record&) -> Status { return {}; });
}

TEST_CASE("a record that was altered is found by replay and named") {
  const struct {
    const char* name;
    const char* sql;
    const char* why;
  } cases[] = {
      {"body", "UPDATE event SET body = replace(body, '12', '13') WHERE sequence = 5",
       "record 5: wrong hash"},
      {"name", "UPDATE event SET name = 'recovered' WHERE sequence = 5", "record 5: wrong hash"},
      {"epoch", "UPDATE event SET epoch = 4 WHERE sequence = 5", "record 5: wrong hash"},
      {"wall time", "UPDATE event SET wall_ms = wall_ms + 1 WHERE sequence = 5",
       "record 5: wrong hash"},
      {"boot id", "UPDATE event SET boot_id = '' WHERE sequence = 5", "record 5: wrong hash"},
      {"boot time", "UPDATE event SET boot_ms = 0 WHERE sequence = 5", "record 5: wrong hash"},
      {"hash", "UPDATE event SET hash = zeroblob(32) WHERE sequence = 5", "record 5: wrong hash"},
      {"incident", "UPDATE event SET incident = 99 WHERE sequence = 6",
       "record 6: its incident is not the one of its body"},
      {"removed", "DELETE FROM event WHERE sequence = 5", "record 5 is missing, 6 follows"},
      {"removed in front", "DELETE FROM event WHERE sequence = 1",
       "record 1 is missing, 2 follows"},
      {"swapped",
       "UPDATE event SET sequence = CASE sequence WHEN 2 THEN -3 ELSE -2 END WHERE sequence IN "
       "(2, 3); UPDATE event SET sequence = -sequence WHERE sequence < 0",
       "record 2: wrong hash"},
  };
  for (const auto& c : cases) DYNAMIC_SECTION(c.name) {
      const TempTree folder;
      write_every_event(folder.root / "journal.db");
      tamper(folder.root / "journal.db", c.sql);
      const auto journal = open_journal(folder.root / "journal.db");
      const auto status = replayed(*journal);
      REQUIRE_FALSE(status);
      CHECK(status.error() == Error{Errc::Malformed, c.why});
    }
}

TEST_CASE("a damaged last record is found when opening") {
  const TempTree folder;
  const auto path = folder.root / "journal.db";
  const Head head = write_every_event(path);
  tamper(path, "UPDATE event SET wall_ms = 0 WHERE sequence = (SELECT max(sequence) FROM event)");
  const Error error = refusal_of(path);
  CHECK(error.code == Errc::Malformed);
  CHECK(error.message.find("record " + std::to_string(head.sequence) + ": wrong hash") !=
        std::string::npos);
}

TEST_CASE("the only record is checked when opening") {
  const TempTree folder;
  const auto path = folder.root / "journal.db";
  const Head head = append(*open_journal(path), {event_of_size(1)});
  CHECK(open_journal(path)->head() == head);
  tamper(path, "UPDATE event SET epoch = 0");
  CHECK(refusal_of(path).code == Errc::Malformed);
}

TEST_CASE("a second opener is refused while the first holds the journal") {
  const TempTree folder;
  const auto path = folder.root / "journal.db";
  SECTION("in the same process") {
    const auto first = open_journal(path);
    CHECK(refusal_of(path).code == Errc::Conflict);
    CHECK(append(*first, every_event()).sequence == every_event().size());
  }
  SECTION("in another process that is named") {
    ForkedChild holder([&](int out) {
      const auto held = open_sqlite_journal(path);
      if (held) tell(out, 1);
      pause();
    });
    REQUIRE(holder.next() == 1);
    const Error error = refusal_of(path);
    CHECK(error.code == Errc::Conflict);
    CHECK(error.message.find("(pid " + std::to_string(holder.pid()) + ")") != std::string::npos);
    holder.end();
  }
  CHECK(open_sqlite_journal(path));
}

TEST_CASE("what is not a journal of ours is not opened and not changed") {
  const struct {
    const char* name;
    std::string content;
  } cases[] = {
      {"a short text", "hello"},
      {"a long text", std::string(100'000, 'x')},
      {"a header and nothing more", std::string("SQLite format 3\0", 16)},
  };
  for (const auto& c : cases) DYNAMIC_SECTION(c.name) {
      const TempTree folder({{"journal.db", c.content}});
      CHECK(refusal_of(folder.root / "journal.db").code == Errc::Malformed);
      CHECK(content_of(folder.root / "journal.db") == c.content);
    }
}

TEST_CASE("a SQLite file of somebody else is refused by name") {
  const TempTree folder;
  sqlite3* database = nullptr;
  REQUIRE(sqlite3_open((folder.root / "journal.db").c_str(), &database) == SQLITE_OK);
  CHECK(sqlite3_exec(database, "CREATE TABLE event(x)", nullptr, nullptr, nullptr) == SQLITE_OK);
  sqlite3_close(database);
  const std::string before = content_of(folder.root / "journal.db");
  const Error error = refusal_of(folder.root / "journal.db");
  CHECK(error.code == Errc::Malformed);
  CHECK(error.message.find("not a journal of Fieldmedic") != std::string::npos);
  CHECK(content_of(folder.root / "journal.db") == before);
}

TEST_CASE("a journal of a newer schema is refused") {
  const TempTree folder;
  const auto path = folder.root / "journal.db";
  write_every_event(path);
  sqlite3* database = nullptr;
  REQUIRE(sqlite3_open(path.c_str(), &database) == SQLITE_OK);
  CHECK(sqlite3_exec(database, "PRAGMA user_version = 3", nullptr, nullptr, nullptr) == SQLITE_OK);
  sqlite3_close(database);
  const Error error = refusal_of(path);
  CHECK(error.code == Errc::Malformed);
  CHECK(error.message.find("schema 3") != std::string::npos);
}

TEST_CASE("a truncated file is refused") {
  const TempTree folder;
  const auto path = folder.root / "journal.db";
  write_every_event(path);
  std::filesystem::resize_file(path, std::filesystem::file_size(path) / 2);
  CHECK(refusal_of(path).code == Errc::Malformed);
}

TEST_CASE("an empty file becomes a journal") {
  const TempTree folder;
  folder.write("journal.db", "");
  CHECK(open_journal(folder.root / "journal.db")->head() == Head{});
}

TEST_CASE("an empty file beside a log that is not empty is refused, and the log stays") {
  const TempTree folder;
  const auto path = folder.root / "journal.db";
  const ForkedChild writer([&](int) {
    const auto journal = open_sqlite_journal(path);
    if (journal) (void)(*journal)->append((*journal)->head(), stamp_of(1), {event_of_size(1)});
    _exit(0);  // as killed: the log stays
  });
  CHECK(writer.all().empty());
  const std::string log = content_of(path.string() + "-wal");
  REQUIRE_FALSE(log.empty());
  std::filesystem::resize_file(path, 0);
  CHECK(refusal_of(path).code == Errc::Malformed);
  CHECK(content_of(path.string() + "-wal") == log);
  CHECK(content_of(path).empty());
}

TEST_CASE("a damaged journal keeps its log when it is refused") {
  const TempTree folder;
  const auto path = folder.root / "journal.db";
  write_every_event(path);
  tamper(path, "UPDATE event SET epoch = 0 WHERE sequence = 5");
  const ForkedChild writer([&](int) {
    const auto journal = open_sqlite_journal(path);
    if (journal) (void)(*journal)->append((*journal)->head(), stamp_of(1), {event_of_size(1)});
    _exit(0);
  });
  CHECK(writer.all().empty());
  const std::string table = content_of(path);
  const std::string log = content_of(path.string() + "-wal");
  REQUIRE_FALSE(log.empty());
  CHECK_FALSE(open_journal(path)->state());
  CHECK(content_of(path) == table);
  CHECK(content_of(path.string() + "-wal") == log);
}

TEST_CASE("a missing folder is named") {
  const TempTree folder;
  const Error error = refusal_of(folder.root / "missing" / "journal.db");
  CHECK(error.code == Errc::NotFound);
}

TEST_CASE("a folder in the place of the file is refused") {
  const TempTree folder;
  CHECK(refusal_of(folder.root).code != Errc::NotFound);
}

TEST_CASE("a file that may only be read is denied") {
  const TempTree folder;
  const auto path = folder.root / "journal.db";
  write_every_event(path);
  REQUIRE(chmod(path.c_str(), 0444) == 0);
  REQUIRE(chmod(folder.root.c_str(), 0755) == 0);
  const ForkedChild reader([&](int out) {
    // Root may write everything; nobody may not.
    if (getuid() == 0 && setuid(65534) != 0) _exit(1);
    const auto journal = open_sqlite_journal(path);
    tell(out, journal ? std::string_view("opened") : to_string(journal.error().code));
  });
  CHECK(reader.all() == "denied");
}

}  // namespace
}  // namespace fieldmedic
