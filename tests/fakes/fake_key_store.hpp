// A KeyStore in memory that can lose answers and refuse.
#pragma once

#include <optional>
#include <string>

#include "remediator/reach/key_store.hpp"

namespace fieldmedic {

class FakeKeyStore final : public KeyStore {
 public:
  enum class Answers { Right, LostAfterChange, LostBeforeChange, Denied, Down };

  KeySight now;
  Answers answers = Answers::Right;
  bool readable = true;
  int changes = 0;

  void set(KeyState& state, const std::optional<std::string>& value) {
    state = value ? KeyState{true, *value, revision_, revision_, false} : KeyState{};
  }
  // What somebody else does.
  void change_key(const std::optional<std::string>& value) {
    ++revision_;
    set(now.key, value);
  }

  Result<KeySight> read(std::chrono::milliseconds, const std::stop_token&) override {
    if (!readable) return fail(Errc::Timeout, "no quorum");
    return now;
  }

  Status exchange(const KeySight& seen, const KeyChange& change, std::chrono::milliseconds,
                  const std::stop_token&) override {
    if (answers == Answers::Down) return fail(Errc::Unavailable, "refused");
    if (answers == Answers::Denied) return fail(Errc::Denied, "403");
    if (answers == Answers::LostBeforeChange) return fail(Errc::Timeout, "no answer");
    if (seen.key.version != now.key.version || seen.record.version != now.record.version)
      return fail(Errc::Conflict, "changed since");
    ++revision_;
    ++changes;
    set(now.key, change.value);
    set(now.record, change.record);
    if (answers == Answers::LostAfterChange) return fail(Errc::Timeout, "no answer");
    return {};
  }

 private:
  std::int64_t revision_ = 7;
};

}  // namespace fieldmedic
