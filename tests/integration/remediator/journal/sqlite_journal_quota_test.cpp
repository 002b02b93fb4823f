// A used-up quota is a refusal, an I/O error is not (S17); both made by SQLite's own way to replace
// a system call.
#include <cerrno>

#include <sqlite3.h>

#include "tests/integration/remediator/journal/journal_fixture.hpp"

namespace fieldmedic {
namespace {

int failing_with = 0;

ssize_t failing_write(int, const void*, std::size_t, off_t) {
  errno = failing_with;
  return -1;
}

// While it lives, every write of SQLite's fails with `number`.
class FailingWrites {
 public:
  explicit FailingWrites(int number) {
    failing_with = number;
    for (const char* call : {"pwrite", "pwrite64"})
      set(call, reinterpret_cast<sqlite3_syscall_ptr>(failing_write));
  }
  ~FailingWrites() {
    for (const char* call : {"pwrite", "pwrite64"}) set(call, nullptr);  // the original
  }
  FailingWrites(const FailingWrites&) = delete;
  FailingWrites& operator=(const FailingWrites&) = delete;

 private:
  static void set(const char* name, sqlite3_syscall_ptr call) {
    sqlite3_vfs* vfs = sqlite3_vfs_find(nullptr);
    vfs->xSetSystemCall(vfs, name, call);
  }
};

TEST_CASE("a used-up quota is refused, and the journal goes on when there is room again") {
  const TempTree folder;
  const auto path = folder.root / "journal.db";
  const auto journal = open_journal(path);
  const Head head = append(*journal, every_event());
  {
    const FailingWrites failing(EDQUOT);
    for (int again = 0; again < 2; ++again) {
      const auto refused = journal->append(head, stamp_of(3), {event_of_size(100'000)});
      REQUIRE_FALSE(refused);
      CHECK(refused.error().kind == AppendError::Refused);
    }
    const auto probed = journal->probe();
    REQUIRE_FALSE(probed);
    CHECK(probed.error().kind == AppendError::Refused);
  }
  CHECK(journal->probe());
  CHECK(append(*journal, {event_of_size(1)}).sequence == head.sequence + 1);
  CHECK(records_of(*journal).size() == head.sequence + 1);
}

TEST_CASE("a write that fails otherwise breaks the journal") {
  const TempTree folder;
  const auto journal = open_journal(folder.root / "journal.db");
  const Head head = append(*journal, every_event());
  const FailingWrites failing(EIO);
  const auto broken = journal->append(head, stamp_of(3), {event_of_size(1)});
  REQUIRE_FALSE(broken);
  CHECK(broken.error().kind == AppendError::Broken);
}

}  // namespace
}  // namespace fieldmedic
