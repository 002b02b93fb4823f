// Where stream states are kept: in memory over a reload, in a file over a restart.
#pragma once

#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "common/file_descriptor.hpp"
#include "exporter/collector/stream_state.hpp"

namespace fieldmedic {

// Thread-safe. The file, state.json in the folder, is replaced by rename after it was synced, so a
// crash leaves the old one or the new one.
class StateStore {
 public:
  // In memory only: a restart of the exporter forgets it.
  StateStore() = default;

  // Reads what is there. The folder is locked until the store is gone. Errc::Conflict: another
  // exporter holds it; Errc::NotFound, Denied, Io. A file that is broken is told by damage(), and
  // replaced by the next save().
  [[nodiscard]] static Result<std::unique_ptr<StateStore>> open(std::filesystem::path folder);

  [[nodiscard]] const std::string& damage() const { return damage_; }  // empty: none
  [[nodiscard]] std::optional<StreamState> get(std::string_view stream) const;
  // In memory; save() makes it last.
  void put(std::string_view stream, StreamState state);
  // Writes and syncs the file when something has changed since the last time. Errc::Full, Denied,
  // Io: what was put is kept in memory, and the next save() tries again.
  [[nodiscard]] Status save();

 private:
  [[nodiscard]] Status write(const std::string& content) const;

  std::filesystem::path folder_;
  FileDescriptor lock_;
  std::string damage_;
  mutable std::mutex mutex_;
  StreamStates states_;
  bool dirty_ = false;  // the file does not have it yet
};

}  // namespace fieldmedic
