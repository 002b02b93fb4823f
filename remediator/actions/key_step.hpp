// The step of data_divert that sets a key which collectors watch, and of its undo. Internal to
// actions/.
//
// seen    {"key_revision": 12, "record_revision": 0, "was": "9f86…", "planned_at_ms": 176429400000}
// wanted  {"do": "divert", "key": "/collect/orders", "record": "/collect/orders.fieldmedic",
//          "sha256": "2c26…", "value": "spare"}
//         {"do": "put_back", "key": …, "record": …, "sha256": "9f86…"}
//
// What was there goes into the record beside the key, never into the journal. "": nothing was.
#pragma once

#include <stop_token>
#include <string>

#include "common/clock.hpp"
#include "remediator/actions/action.hpp"
#include "remediator/reach/key_store.hpp"

namespace fieldmedic {

enum class KeyDeed { Divert, PutBack };

struct KeyStep {
  KeyDeed deed = KeyDeed::Divert;
  std::string key{};
  std::string record{};
  std::string value{};   // of Divert
  std::string sha256{};  // of what is to be there
  std::string was{};     // the digest of what was there
  std::int64_t key_revision = 0;
  std::int64_t record_revision = 0;
  WallTime planned_at{};
};

// The record of a change of ours.
struct KeyRecord {
  core::AttemptId attempt;
  std::optional<std::string> was;  // none: there was no key
};
[[nodiscard]] std::string record_text(const KeyRecord& record);
[[nodiscard]] std::optional<KeyRecord> parse_record(const std::string& text);

[[nodiscard]] core::Step write_key_step(std::string name, const KeyStep& step);
// Errc::Invalid: it is none.
[[nodiscard]] Result<KeyStep> read_key_step(const core::Step& step);

// Of what is there; empty: nothing is.
[[nodiscard]] std::string digest_of(const KeyState& state);
// Whether the change of that attempt is what is there, and nobody changed the key since.
[[nodiscard]] bool is_made_by(const KeySight& sight, const core::AttemptId& attempt);

[[nodiscard]] ApplyAnswer apply_key_step(const KeyStep& step, const ApplyRequest& request,
                                         KeyStore& store, const Clock& clock,
                                         const std::stop_token& stop);
[[nodiscard]] ConfirmAnswer confirm_key_step(const KeyStep& step, const ApplyRequest& request,
                                             KeyStore& store, const Clock& clock,
                                             const std::stop_token& stop);

}  // namespace fieldmedic
