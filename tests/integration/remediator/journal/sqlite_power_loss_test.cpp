// The power goes after any write: the journal opens again, whole, with all that was acknowledged.
#include <algorithm>
#include <map>
#include <random>

#include <fmt/format.h>

#include "remediator/core/fold.hpp"
#include "tests/fakes/power_loss_vfs.hpp"
#include "tests/integration/remediator/journal/journal_fixture.hpp"

namespace fieldmedic {
namespace {

constexpr std::uint64_t kSeed = 20'261'127;
constexpr JournalLimits kLimits{10, std::chrono::hours(1)};
constexpr WallTime kWritten{std::chrono::milliseconds(1'795'000'000'000)};  // by stamp_of

// A run of the journal: what it wrote to the disk, and what it had acknowledged when.
struct Run {
  struct Acknowledged {
    std::size_t changes;     // that the disk had seen by then
    std::uint64_t sequence;  // the head
  };
  TempTree folder;
  std::filesystem::path path = folder.root / "journal.db";
  ChangeRecorder disk;
  std::vector<core::Event> written;
  std::vector<Acknowledged> acknowledged{{0, 0}};

  std::unique_ptr<Journal> open() const {
    auto journal = open_sqlite_journal(path, kLimits);
    INFO((journal ? std::string() : journal.error().message));
    REQUIRE(journal);
    REQUIRE((*journal)->state());
    return *std::move(journal);
  }
  void write(Journal& journal, const std::vector<core::Event>& batch) {
    const Head head = append(journal, batch);
    written.insert(written.end(), batch.begin(), batch.end());
    acknowledged.push_back({disk.changes().size(), head.sequence});
  }
  void tidy(Journal& journal, WallTime now) const {
    core::State state;
    for (const core::Event& event : written) core::fold(state, event);
    for (bool more = true; more;) {
      const auto tidied = journal.tidy(state, now);
      REQUIRE(tidied);
      more = tidied->more;
    }
  }
  bool ends_a_batch(std::uint64_t sequence) const {
    return std::ranges::any_of(acknowledged,
                               [&](const auto& ack) { return ack.sequence == sequence; });
  }
  std::uint64_t acknowledged_by(std::size_t changes) const {
    std::uint64_t sequence = 0;
    for (const auto& ack : acknowledged)
      if (ack.changes <= changes) sequence = ack.sequence;
    return sequence;
  }
};

// A disk that is only looked at.
class NoSyncs final : public FileWatch {
 public:
  [[nodiscard]] int before(const FileCall& call) override {
    return call.op == FileOp::Sync ? kClaimed : 0;
  }
};

// Why what is left of the journal is not what it has to be; empty: it is.
std::string fault_of(const std::filesystem::path& path, const Run& run, std::uint64_t wanted) {
  auto opened = open_sqlite_journal(path, kLimits);
  if (!opened) return "it does not open: " + opened.error().message;
  Journal& journal = **opened;
  const std::uint64_t head = journal.head().sequence;
  if (head < wanted) return fmt::format("{} were acknowledged, {} are there", wanted, head);
  if (!run.ends_a_batch(head)) return fmt::format("half of a batch is there: up to {}", head);

  std::uint64_t last = 0;
  const auto replayed = journal.replay([&](const Record& record) -> Status {
    last = record.sequence;
    if (last <= run.written.size() && record.event == run.written[last - 1]) return {};
    return fail(Errc::Malformed, fmt::format("record {} is another one", last));
  });
  if (!replayed) return replayed.error().message;
  if (last != head) return fmt::format("the chain ends at {}, not at {}", last, head);

  core::State folded;
  for (std::size_t i = 0; i < head; ++i) core::fold(folded, run.written[i]);
  const auto state = journal.state();
  if (!state) return state.error().message;
  if (*state != folded) return "its state is not the fold of its records";
  const auto next = journal.append(journal.head(), stamp_of(4), {event_of_size(1)});
  if (!next) return "it does not go on: " + next.error().message;
  return {};
}

struct Found {
  std::size_t cuts = 0;
  std::vector<std::string> faults;
};

// The power goes after each change from `first` on, and each time what was not synced is lost, is
// there, and is torn. A disk that is as it was before is not looked at again.
Found cut_everywhere(const Run& run, Ignored ignored, std::size_t first = 0) {
  NoSyncs no_syncs;
  const FileCallsVfs vfs(no_syncs);
  Found found;
  CutDisk disk(ignored);
  std::map<Unsynced, CutDisk::Left> before;
  const auto& changes = run.disk.changes();
  for (std::size_t n = 1; n <= changes.size(); ++n) {
    disk.take(changes[n - 1]);
    if (n < first) continue;
    const std::uint64_t wanted = run.acknowledged_by(n);
    for (const Unsynced unsynced : {Unsynced::Lost, Unsynced::Kept, Unsynced::Torn}) {
      std::mt19937_64 chance(kSeed + n);
      auto left = disk.left(unsynced, chance);
      if (left == before[unsynced] && wanted == run.acknowledged_by(n - 1)) continue;
      const TempTree folder(left);
      const std::string fault = fault_of(folder.root / "journal.db", run, wanted);
      ++found.cuts;
      if (!fault.empty())
        found.faults.push_back(
            fmt::format("after change {}, way {}: {}", n, static_cast<int>(unsynced), fault));
      before[unsynced] = std::move(left);
    }
  }
  return found;
}

void prove_nothing_is_lost(const Run& run, std::size_t first = 0) {
  const Found found = cut_everywhere(run, Ignored::Nothing, first);
  INFO("seed " << kSeed << ", " << found.cuts << " cuts");
  CHECK(found.faults == std::vector<std::string>{});
  CHECK(found.cuts > 100);
}

// The proof that cuts can find something.
void prove_a_lie_shows(const Run& run, Ignored ignored, std::size_t first = 0) {
  const Found found = cut_everywhere(run, ignored, first);
  INFO("ignored " << static_cast<int>(ignored) << ", " << found.cuts << " cuts");
  CHECK(found.faults.size() > 0);
}

void create_close_and_append(Run& run) {
  const FileCallsVfs vfs(run.disk);
  {
    const auto journal = run.open();
    run.write(*journal, {event_of_size(10)});
    run.write(*journal, {event_of_size(9'000), event_of_size(100)});
  }
  const auto journal = run.open();
  run.write(*journal, {event_of_size(10)});
  run.write(*journal, {event_of_size(300), event_of_size(5'000, 2), event_of_size(1)});
}

TEST_CASE("a power cut after any write of a young journal loses nothing that was acknowledged") {
  Run run;
  create_close_and_append(run);
  prove_nothing_is_lost(run);
}

TEST_CASE("a power cut shows when the disk only claims to have synced") {
  Run run;
  create_close_and_append(run);
  const struct {
    const char* name;
    Ignored ignored;
  } cases[] = {{"everything", Ignored::EverySync},
               {"the log", Ignored::SyncsOfTheLog},
               {"the table", Ignored::SyncsOfTheTable},
               {"the names of files", Ignored::SyncsOfNames}};
  for (const auto& c : cases) DYNAMIC_SECTION(c.name) {
      prove_a_lie_shows(run, c.ignored);
    }
}

TEST_CASE("a power cut after any write of a snapshot or a dropping keeps the state") {
  Run run;
  {
    const FileCallsVfs vfs(run.disk);
    const auto journal = run.open();
    for (const WallTime now : {kWritten, kWritten + std::chrono::hours(2)}) {
      run.write(*journal, every_event());
      run.tidy(*journal, now);
    }
    CHECK(records_of(*journal).size() == every_event().size());  // of twice as many
    run.write(*journal, {event_of_size(10)});
  }
  prove_nothing_is_lost(run);
}

// The log is long then, and begins anew over what it held.
TEST_CASE("a power cut while the log is moved into the table loses nothing") {
  Run run;
  std::size_t first = 0;
  {
    const FileCallsVfs vfs(run.disk);
    const auto journal = run.open();
    const auto table_written = [&] {
      const auto& changes = run.disk.changes();
      return std::ranges::any_of(changes.begin() + static_cast<std::ptrdiff_t>(first),
                                 changes.end(), [](const Change& change) {
                                   return change.kind == Change::Kind::Write &&
                                          change.path.ends_with(".db");
                                 });
    };
    run.write(*journal, {event_of_size(10)});
    first = run.disk.changes().size();
    while (!table_written()) {
      REQUIRE(run.acknowledged.size() < 2'000);
      first = run.disk.changes().size();
      run.write(*journal, {event_of_size(10)});
    }
    for (int i = 0; i < 3; ++i) run.write(*journal, {event_of_size(3'000)});
  }
  prove_nothing_is_lost(run, first);
  prove_a_lie_shows(run, Ignored::SyncsOfTheTable, first);
}

}  // namespace
}  // namespace fieldmedic
