// `fieldmedic journal` on real files.
#include "tool/journal_command.hpp"

#include <algorithm>
#include <sstream>

#include <nlohmann/json.hpp>
#include <sqlite3.h>

#include "remediator/core/fold.hpp"
#include "tests/fakes/manual_clock.hpp"
#include "tests/integration/remediator/journal/journal_fixture.hpp"

namespace fieldmedic::tool {
namespace {

void alter(const std::filesystem::path& path, const char* sql) {
  sqlite3* database = nullptr;
  REQUIRE(sqlite3_open(path.c_str(), &database) == SQLITE_OK);
  CHECK(sqlite3_exec(database, sql, nullptr, nullptr, nullptr) == SQLITE_OK);
  sqlite3_close(database);
}

TEST_CASE("fieldmedic journal verify says where an intact journal ends") {
  const TempTree folder;
  const auto file = folder.root / "journal.db";
  const Head head = write_every_event(file);
  std::ostringstream out;
  REQUIRE(verify_journal({file}, out));
  CHECK(out.str() == file.string() + ": " + std::to_string(head.sequence) +
                         " records, each as it was written\nhead " + std::to_string(head.sequence) +
                         " " + head.hash + "\n");
}

TEST_CASE("fieldmedic journal verify names the record that was altered") {
  const TempTree folder;
  const auto file = folder.root / "journal.db";
  write_every_event(file);
  alter(file, "UPDATE event SET body = replace(body, '12', '13') WHERE sequence = 5");
  std::ostringstream out;
  const auto verified = verify_journal({file}, out);
  REQUIRE_FALSE(verified);
  CHECK(verified.error().code == Errc::Malformed);
  CHECK(verified.error().message == "journal " + file.string() + ": record 5: wrong hash");
}

TEST_CASE(
    "fieldmedic journal reads what a killed remediator left in its log, and leaves it there") {
  const TempTree folder;
  const auto file = folder.root / "journal.db";
  {
    ForkedChild child([&](int pipe) {
      const auto journal = open_journal(file);
      append(*journal, every_event());
      tell(pipe, 1);
      pause();
    });
    REQUIRE(child.next() == 1);
    std::ostringstream out;
    const auto held = verify_journal({file}, out);
    REQUIRE_FALSE(held);
    CHECK(held.error().code == Errc::Conflict);
    CHECK(held.error().message.find("held by another process (pid " +
                                    std::to_string(child.pid())) != std::string::npos);
  }
  const auto log = file.string() + "-wal";
  const auto size = std::filesystem::file_size(log);
  REQUIRE(size > 0);
  std::ostringstream out;
  REQUIRE(verify_journal({file}, out));
  CHECK(out.str().find(std::to_string(every_event().size()) + " records") != std::string::npos);
  CHECK(std::filesystem::file_size(log) == size);
}

TEST_CASE("fieldmedic journal dump writes a line of JSON a record") {
  const TempTree folder;
  const auto file = folder.root / "journal.db";
  write_every_event(file);
  const auto lines = [&](std::uint64_t incident) {
    std::ostringstream out;
    REQUIRE(dump_journal({file, incident}, out));
    std::vector<nlohmann::json> records;
    std::istringstream text(out.str());
    for (std::string line; std::getline(text, line);)
      records.push_back(nlohmann::json::parse(line));
    return records;
  };
  const auto all = lines(0);
  REQUIRE(all.size() == every_event().size());
  CHECK(all.front()["seq"] == 1);
  CHECK(all.front()["event"] == "started");
  CHECK(all.front()["body"]["journal_id"] == "k3v9x2ab");
  const auto some = lines(17);
  CHECK_FALSE(some.empty());
  CHECK(std::ranges::all_of(some, [](const auto& line) { return line["body"]["incident"] == 17; }));
}

TEST_CASE("fieldmedic journal restore: a backup begins paused") {
  const TempTree folder;
  const auto backup = folder.root / "backup.db";
  const auto file = folder.root / "journal.db";
  const Head before = write_every_event(backup);
  ManualClock clock;
  std::ostringstream out;
  REQUIRE(restore({backup, file}, clock, out));

  const auto restored = open_journal(file);
  CHECK(restored->head().sequence == before.sequence + 1);
  core::State state;
  for (const core::Event& event : events_of(*restored)) core::fold(state, event);
  CHECK(state.paused.contains("all"));
  CHECK(open_journal(backup)->head() == before);

  const auto again = restore({backup, file}, clock, out);
  REQUIRE_FALSE(again);
  CHECK(again.error().code == Errc::Conflict);
}

TEST_CASE("fieldmedic journal restore: an altered backup is refused") {
  const TempTree folder;
  const auto backup = folder.root / "backup.db";
  write_every_event(backup);
  alter(backup, "DELETE FROM event WHERE sequence = 4");
  ManualClock clock;
  std::ostringstream out;
  CHECK(restore({backup, folder.root / "journal.db"}, clock, out).error().code == Errc::Malformed);
  CHECK_FALSE(std::filesystem::exists(folder.root / "journal.db"));
}

TEST_CASE("fieldmedic journal creates nothing and reads nothing else") {
  const TempTree folder(
      {{"notes.txt", "no journal of ours, but long enough to look like a file"}, {"empty", ""}});
  std::ostringstream out;
  CHECK(verify_journal({folder.root / "absent.db"}, out).error().code == Errc::NotFound);
  CHECK_FALSE(std::filesystem::exists(folder.root / "absent.db"));
  for (const char* name : {"notes.txt", "empty"}) {
    const auto verified = verify_journal({folder.root / name}, out);
    REQUIRE_FALSE(verified);
    CHECK(verified.error().code == Errc::Malformed);
  }
  CHECK(std::filesystem::file_size(folder.root / "empty") == 0);
}

}  // namespace
}  // namespace fieldmedic::tool
