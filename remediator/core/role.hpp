// What a user may ask of the remediator.
#pragma once

#include <optional>
#include <string_view>

namespace fieldmedic::core {

// Each may what those before it may.
enum class Role {
  Viewer,    // read
  Sender,    // post alerts, which starts remedies: Alertmanager
  Operator,  // approve, cancel, pause, resume, close a breaker
  Admin,     // what an approval keeps to admins, and what concerns the whole fleet
};

[[nodiscard]] constexpr std::string_view to_string(Role role) {
  switch (role) {
    case Role::Viewer: return "viewer";
    case Role::Sender: return "sender";
    case Role::Operator: return "operator";
    case Role::Admin: return "admin";
  }
  return "invalid";
}

}  // namespace fieldmedic::core
