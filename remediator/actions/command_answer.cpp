#include "remediator/actions/command_answer.hpp"

#include <string>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

namespace fieldmedic {

namespace {

using Json = nlohmann::json;

constexpr std::size_t kEvidenceTail = 300;

// The end of what it printed, quoted: control characters escaped, bytes that are no UTF-8 replaced.
std::string tail_of(const ProcessResult& result) {
  const std::string& text = result.err.empty() ? result.out : result.err;
  if (text.empty()) return "and printed nothing";
  std::size_t from = text.size() > kEvidenceTail ? text.size() - kEvidenceTail : 0;
  while (from > 0 && from < text.size() && (text[from] & 0xC0) == 0x80) ++from;
  return "and printed at its end: " +
         Json(text.substr(from)).dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

ApplyAnswer command_answer(const Result<ProcessResult>& result) {
  using core::Applied;
  if (!result) {
    const bool never_ran = nothing_changed(result.error().code);
    return {never_ran ? Applied::Refused : Applied::Unknown, result.error().message};
  }
  // Whoever sent it, the program had begun and did not come to its own end.
  if (result->term_signal != 0)
    return {Applied::Unknown,
            fmt::format("ended by signal {} {}", result->term_signal, tail_of(*result))};
  if (result->exit_code != 0)
    return {Applied::Refused,
            fmt::format("exited with {} {}", result->exit_code, tail_of(*result))};
  return {Applied::Done, "exited with 0"};
}

}  // namespace fieldmedic
