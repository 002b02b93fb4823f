#include "remediator/journal/journal_file.hpp"

#include <system_error>

#include <fmt/format.h>
#include <sqlite3.h>

#include "remediator/journal/record_hash.hpp"
#include "remediator/journal/sqlite_file.hpp"
#include "remediator/journal/sqlite_journal.hpp"
#include "remediator/journal/sqlite_records.hpp"

namespace fieldmedic {

Result<Head> read_journal_file(const std::filesystem::path& path,
                               const std::function<Status(const Record&)>& visit) {
  const auto database = journal::open_existing_file(path);
  if (!database) return fail(database.error());
  auto begin = journal::read_anchor(database->get());
  if (!begin) return fail(begin.error());
  const auto end =
      journal::check_records(database->get(), *std::move(begin), journal::kAllRecords, visit);
  if (!end) return wrap(end.error(), fmt::format("journal {}", path.string()));
  return Head{end->sequence, journal::to_hex(end->hash)};
}

namespace {

// What the last record says of its time and place; the append goes on from there.
struct End {
  Record last;
  Head head;
};

Result<End> read_end(const std::filesystem::path& path) {
  End end;
  auto head = read_journal_file(path, [&](const Record& record) -> Status {
    end.last = record;
    return {};
  });
  if (!head) return fail(head.error());
  end.head = *std::move(head);
  return end;
}

// The file and its write-ahead log, to names where nothing is yet.
Status copy_journal(const std::filesystem::path& from, const std::filesystem::path& to) {
  std::error_code error;
  for (const char* suffix : {"", "-wal"}) {
    const std::filesystem::path source = from.string() + suffix;
    if (*suffix != '\0' && !std::filesystem::exists(source, error)) continue;
    std::filesystem::copy_file(source, to.string() + suffix, error);
    if (error)
      return fail(Errc::Io, fmt::format("copy {} to {}{}: {}", source.string(), to.string(), suffix,
                                        error.message()));
  }
  std::filesystem::permissions(
      to, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write, error);
  return error ? fail(Errc::Io, fmt::format("{}: {}", to.string(), error.message())) : Status{};
}

}  // namespace

Result<Head> restore_journal(const std::filesystem::path& backup, const std::filesystem::path& path,
                             WallTime now) {
  const auto end = read_end(backup);
  if (!end) return fail(end.error());
  std::error_code error;  // what cannot be looked at is told by the copying
  for (const char* suffix : {"", "-wal"})
    if (std::filesystem::exists(path.string() + suffix, error))
      return fail(Errc::Conflict, fmt::format("{}{} is there already: move it away, it may be the "
                                              "better journal",
                                              path.string(), suffix));
  if (auto copied = copy_journal(backup, path); !copied) return fail(copied.error());
  auto journal = open_sqlite_journal(path);
  if (!journal) return fail(journal.error());
  const core::Event paused{
      end->last.event.at,
      core::Paused{"all", "restored from a backup: what was done since then is not known"}};
  auto head = (*journal)->append(end->head, {end->last.epoch, now, end->last.boot}, {paused});
  if (!head) return fail(Errc::Io, head.error().message);
  return *std::move(head);
}

}  // namespace fieldmedic
