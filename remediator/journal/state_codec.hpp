// The state as text, for snapshots: what a restart reads instead of the events before it.
#pragma once

#include <string>
#include <string_view>

#include "common/result.hpp"
#include "remediator/core/state.hpp"

namespace fieldmedic {

// A line each thing: a word for its kind, a blank, its JSON. Memory: the text. Deterministic.
[[nodiscard]] std::string encode_state(const core::State& state);

// The other way; the answer equals what was encoded. Errc::Malformed: not a snapshot of this
// version; the message names the line.
[[nodiscard]] Result<core::State> decode_state(std::string_view text);

}  // namespace fieldmedic
