#include "tool/journal_command.hpp"

#include <ostream>

#include <fmt/format.h>

#include "remediator/journal/event_codec.hpp"
#include "remediator/journal/journal_file.hpp"

namespace fieldmedic::tool {
namespace {

// {"seq":…,"epoch":…,"wall":…,"boot":…,"event":"…","body":{…}}: names and boot ids hold nothing
// that JSON would quote.
std::string line_of(const Record& record) {
  return fmt::format(
      R"({{"seq":{},"epoch":{},"wall":{},"boot_id":"{}","since_boot":{},"event":"{}","body":{}}})",
      record.sequence, record.epoch, record.wall.time_since_epoch().count(), record.boot.boot_id,
      record.boot.since_boot.count(), core::name_of(record.event.payload),
      encode_event(record.event));
}

}  // namespace

Status verify_journal(const VerifyJournal& command, std::ostream& out) {
  std::uint64_t records = 0;
  const auto head = read_journal_file(command.file, [&records](const Record&) -> Status {
    ++records;
    return {};
  });
  if (!head) return fail(head.error());
  out << fmt::format("{}: {} records, each as it was written\nhead {} {}\n", command.file.string(),
                     records, head->sequence, head->hash.empty() ? "none" : head->hash);
  return {};
}

Status dump_journal(const DumpJournal& command, std::ostream& out) {
  const auto head = read_journal_file(command.file, [&](const Record& record) -> Status {
    if (command.incident == 0 || core::incident_of(record.event.payload) == command.incident)
      out << line_of(record) << '\n';
    return out ? Status{} : fail(Errc::Io, "the output cannot be written");
  });
  return head ? Status{} : fail(head.error());
}

Status restore(const RestoreJournal& command, const Clock& clock, std::ostream& out) {
  const auto head = restore_journal(command.backup, command.file, clock.wall());
  if (!head) return fail(head.error());
  out << fmt::format(
      "{}: restored, {} records; it begins paused\nGive it to the remediator's user, start the "
      "remediator, look at `fieldmedic incidents --state open`,\ncancel what is history, then "
      "`fieldmedic resume all`.\n",
      command.file.string(), head->sequence);
  return {};
}

}  // namespace fieldmedic::tool
