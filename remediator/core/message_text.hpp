// The words people read at 3 a.m.: what was wrong, what was done, what to do now.
#pragma once

#include "remediator/core/incident.hpp"
#include "remediator/core/message.hpp"

namespace fieldmedic::core {

// Pure: the same incident gives the same message.
[[nodiscard]] Message message_about(const Incident& ended, MessageKind kind);

}  // namespace fieldmedic::core
