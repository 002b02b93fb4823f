// Each call on the journal's files fails once, and from then on: a refusal wrote nothing, a break
// is followed by a start that finds all that was acknowledged, and an open that fails changes
// nothing.
#include <fmt/format.h>
#include <sqlite3.h>

#include "remediator/core/fold.hpp"
#include "tests/fakes/failing_calls.hpp"
#include "tests/integration/remediator/journal/journal_fixture.hpp"

namespace fieldmedic {
namespace {

using Again = FailingCalls::Again;

constexpr JournalLimits kLimits{10, std::chrono::hours(1)};
constexpr WallTime kMuchLater{std::chrono::milliseconds(1'795'000'000'000 + 7'200'000)};
constexpr int kMostTries = 6;

// What the daemon does with a journal, told that calls may fail: it tries again what was refused,
// and starts anew when the journal broke.
class Daemon {
 public:
  Daemon(std::filesystem::path path, FailingCalls& calls) : path_(std::move(path)), calls_(calls) {}

  // Why it is not as it has to be; empty: it is.
  std::string live() {
    if (auto why = start(); !why.empty()) return why;
    const core::Event started{event_time(0), core::Started{1, "journal-1", "boot-1", "test"}};
    if (auto why = write({started}); !why.empty()) return why;
    for (std::size_t bytes : {10U, 5'000U, 100U})
      if (auto why = write(std::vector<core::Event>(2, event_of_size(bytes))); !why.empty())
        return why;
    if (auto why = tidy(); !why.empty()) return why;
    if (auto why = write(std::vector<core::Event>(9, event_of_size(10))); !why.empty()) return why;
    if (auto why = tidy(); !why.empty()) return why;
    if (auto why = start(); !why.empty()) return why;
    if (auto why = write({event_of_size(30)}); !why.empty()) return why;
    calls_.heal();
    return start();
  }
  std::size_t refusals = 0;
  std::size_t breaks = 0;
  std::size_t failed_opens = 0;

 private:
  // Ends what runs and opens it again, until it opens. What is there then has to be what was
  // acknowledged, and may be the batch in whose writing it broke.
  std::string start() {
    journal_.reset();
    for (int tries = 0;; ++tries) {
      auto opened = open_sqlite_journal(path_, kLimits);
      Status read;
      if (opened) {
        if (auto state = (*opened)->state(); !state) read = fail(state.error());
      } else {
        read = fail(opened.error());
      }
      if (read) {
        journal_ = *std::move(opened);
        return look();
      }
      ++failed_opens;
      if (read.error().message.empty()) return "an open failed and does not say why";
      if (read.error().message.find(path_.string()) == std::string::npos && !opened)
        return "it names no file: " + read.error().message;
      if (tries == kMostTries / 2) calls_.heal();
      if (tries == kMostTries) return "it never opens: " + read.error().message;
    }
  }
  std::string look() {
    const std::size_t head = journal_->head().sequence;
    if (in_doubt_ > 0 && head == written_.size() + in_doubt_)
      written_.insert(written_.end(), doubtful_.begin(), doubtful_.end());
    in_doubt_ = 0;
    return compare();
  }
  std::string compare() {
    if (journal_->head().sequence != written_.size())
      return fmt::format("{} were acknowledged, the head is at {}", written_.size(),
                         journal_->head().sequence);
    std::uint64_t last = 0;
    const auto replayed = journal_->replay([&](const Record& record) -> Status {
      last = record.sequence;
      if (last <= written_.size() && record.event == written_[last - 1]) return {};
      return fail(Errc::Malformed, fmt::format("record {} is another one", last));
    });
    // A reading that fails is no loss: it is told, and looked at again when nothing fails.
    if (!replayed && calls_.failed() && replayed.error().code != Errc::Malformed) return {};
    if (!replayed) return "replay: " + replayed.error().message;
    if (last != written_.size()) return fmt::format("the chain ends at {}", last);
    return {};
  }
  std::string write(const std::vector<core::Event>& batch) {
    for (int tries = 0; tries < kMostTries; ++tries) {
      const Head before = journal_->head();
      const auto head = journal_->append(before, stamp_of(1), batch);
      if (head) {
        written_.insert(written_.end(), batch.begin(), batch.end());
        return {};
      }
      if (head.error().message.empty()) return "an append failed and does not say why";
      if (auto why = after(head.error(), batch); !why.empty()) return why;
      if (in_doubt_was_kept_) return {};
      if (tries == kMostTries / 2) calls_.heal();
    }
    return "nothing can be written, although nothing fails any more";
  }
  std::string after(const AppendFailure& failure, const std::vector<core::Event>& batch) {
    in_doubt_was_kept_ = false;
    if (failure.kind == AppendError::Refused) {
      ++refusals;
      return compare();  // nothing of it was written
    }
    ++breaks;
    const std::size_t before = written_.size();
    doubtful_ = batch;
    in_doubt_ = batch.size();
    auto why = start();
    in_doubt_was_kept_ = !batch.empty() && written_.size() > before;
    return why;
  }
  std::string tidy() {
    core::State state;
    for (const core::Event& event : written_) core::fold(state, event);
    for (int slices = 0; slices < kMostTries; ++slices) {
      if (slices == kMostTries / 2) calls_.heal();
      const auto tidied = journal_->tidy(state, kMuchLater);
      if (tidied && !tidied->altered.empty() && !calls_.failed()) return tidied->altered;
      if (tidied && !tidied->more) return {};
      if (tidied) continue;
      if (auto why = after(tidied.error(), {}); !why.empty()) return why;
    }
    return "there is no end to tidying";
  }

  std::filesystem::path path_;
  FailingCalls& calls_;
  std::unique_ptr<Journal> journal_;
  std::vector<core::Event> written_;  // and acknowledged
  std::vector<core::Event> doubtful_;
  std::size_t in_doubt_ = 0;
  bool in_doubt_was_kept_ = false;
};

struct Found {
  std::vector<std::string> faults;
  std::size_t lives = 0;
  std::size_t refusals = 0;
  std::size_t breaks = 0;
  std::size_t failed_starts = 0;
};

// A life for each n in which the nth call fails, up to the first that makes fewer calls.
Found fail_each(FileOp op, int answer, Again again) {
  Found found;
  bool failed = true;
  for (std::size_t at = 1; failed && found.faults.size() < 3; ++at) {
    const TempTree folder;
    FailingCalls calls(op, answer, at, again);
    const FileCallsVfs vfs(calls);
    Daemon daemon(folder.root / "journal.db", calls);
    if (const std::string why = daemon.live(); !why.empty())
      found.faults.push_back(fmt::format("call {}: {}", at, why));
    ++found.lives;
    found.refusals += daemon.refusals;
    found.breaks += daemon.breaks;
    found.failed_starts += daemon.failed_opens;
    failed = calls.failed();
  }
  return found;
}

struct Failure {
  const char* name;
  FileOp op;
  int answer;
  enum class Shows { AsRefusal, AsBreak, AtStart, Nowhere } shows;
};

// After an I/O error what is on disk is not known: it must not pass for a refusal (S17).
bool shows_as_it_must(const Found& found, Failure::Shows shows) {
  switch (shows) {
    case Failure::Shows::AsRefusal: return found.refusals > 0 && found.breaks == 0;
    case Failure::Shows::AsBreak: return found.refusals == 0 && found.breaks > 0;
    case Failure::Shows::AtStart: return found.refusals == 0 && found.failed_starts > 0;
    case Failure::Shows::Nowhere: return found.refusals + found.breaks == 0;
  }
  return false;
}

using enum Failure::Shows;

void prove_it_keeps(const Failure& failure) {
  DYNAMIC_SECTION(failure.name) {
    for (const Again again : {Again::Once, Again::ForGood}) {
      const Found found = fail_each(failure.op, failure.answer, again);
      INFO((again == Again::Once ? "once" : "for good"));
      CHECK(found.faults == std::vector<std::string>{});
      CHECK(found.lives > 1);
      INFO(found.refusals << " refusals, " << found.breaks << " breaks, " << found.failed_starts
                          << " failed starts");
      CHECK(shows_as_it_must(found, failure.shows));
    }
  }
}

TEST_CASE("whichever write on its files fails, the journal keeps what it acknowledged") {
  prove_it_keeps({"a full disk", FileOp::Write, SQLITE_FULL, AsRefusal});
  prove_it_keeps({"write", FileOp::Write, SQLITE_IOERR_WRITE, AsBreak});
}

TEST_CASE("whichever other call on its files fails, the journal keeps what it acknowledged") {
  prove_it_keeps({"open", FileOp::Open, SQLITE_CANTOPEN, AtStart});
  prove_it_keeps({"look for", FileOp::Access, SQLITE_IOERR_ACCESS, AtStart});
  prove_it_keeps({"remove", FileOp::Remove, SQLITE_IOERR_DELETE, Nowhere});
  prove_it_keeps({"size", FileOp::Size, SQLITE_IOERR_FSTAT, AtStart});
  prove_it_keeps({"read", FileOp::Read, SQLITE_IOERR_READ, AtStart});
  prove_it_keeps({"truncate", FileOp::Truncate, SQLITE_IOERR_TRUNCATE, Nowhere});
  prove_it_keeps({"sync", FileOp::Sync, SQLITE_IOERR_FSYNC, AsBreak});
  prove_it_keeps({"lock", FileOp::Lock, SQLITE_IOERR_LOCK, AtStart});
  prove_it_keeps({"lock of another", FileOp::Lock, SQLITE_BUSY, AtStart});
}

}  // namespace
}  // namespace fieldmedic
