#include "tool/replay_command.hpp"

#include <ostream>

#include <fmt/format.h>

#include "common/clock.hpp"
#include "common/http_client.hpp"
#include "remediator/journal/journal_file.hpp"
#include "tool/json_text.hpp"
#include "tool/replay.hpp"

namespace fieldmedic::tool {
namespace {

std::string line_of(const Difference& difference) {
  const std::string about = difference.incident == 0
                                ? std::string("an alert")
                                : fmt::format("incident {}", difference.incident);
  return fmt::format("{} record {}, {}\n  was: {}\n  now: {}\n", format_rfc3339(difference.at),
                     difference.sequence, about, printable(difference.was),
                     printable(difference.now));
}

}  // namespace

Result<ExitCode> replay_journal(const ReplayJournal& command, std::ostream& out) {
  CurlHttpClient http;
  const SystemClock clock;
  ConfigErrors errors;
  const auto config = read_remediator_config(command.config, {http, clock}, errors);
  if (config == nullptr) return fail(Errc::Invalid, errors.text());
  Replay replay(*config, [&out](const Difference& difference) { out << line_of(difference); });
  const auto head = read_journal_file(command.journal, [&replay](const Record& record) -> Status {
    replay.visit(record);
    return {};
  });
  if (!head) return fail(head.error());
  out << fmt::format("{} decisions, {} would differ\n", replay.judged(), replay.differing());
  return replay.differing() == 0 ? ExitCode::Done : ExitCode::No;
}

}  // namespace fieldmedic::tool
