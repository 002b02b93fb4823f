// The append-only record of events: the only memory of the remediator.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "common/clock.hpp"
#include "common/result.hpp"
#include "remediator/core/event.hpp"
#include "remediator/core/state.hpp"

namespace fieldmedic {

// Where the record ends. An empty journal has sequence 0 and an empty hash.
struct Head {
  std::uint64_t sequence = 0;  // of the last event
  std::string hash;            // hex SHA-256 over the hash before it and the event as stored

  friend bool operator==(const Head&, const Head&) = default;
};

// An event with what was known of time and place when it was written (S8).
struct Record {
  std::uint64_t sequence = 0;
  core::Epoch epoch = 0;
  WallTime wall;
  BootTime boot;
  core::Event event;
};

// How an append that did not succeed failed. The two are worlds apart (S17).
enum class AppendError {
  Refused,  // nothing was written: disk full, busy, head moved on. May be tried again.
  Broken,   // I/O error or corruption: what is on disk is not known. The process must end.
};

struct AppendFailure {
  AppendError kind = AppendError::Broken;
  std::string message;
};

// What all events of one append share.
struct Stamp {
  core::Epoch epoch = 0;
  WallTime wall;
  BootTime boot;
};

// What a slice of tidying came to.
struct Tidied {
  bool more = false;    // there is more that can be done at once
  std::string altered;  // not empty: what was found to have been altered, told once
};

// One writer at a time (S19). Not thread-safe: the engine's thread owns it.
class Journal {
 public:
  virtual ~Journal() = default;

  [[nodiscard]] virtual Head head() const = 0;

  // All of the events or none, durable (fsync) on return: one commit for the batch. `expected` must
  // equal head(), else Refused. The new head on success.
  [[nodiscard]] virtual std::expected<Head, AppendFailure> append(
      const Head& expected, const Stamp& stamp, const std::vector<core::Event>& events) = 0;

  // Writes durably and records nothing: whether an append could succeed now.
  [[nodiscard]] virtual std::expected<void, AppendFailure> probe() = 0;

  // Every record that is kept, in order. An error of `visit` ends it and is returned.
  // Errc::Malformed names the sequence of a record whose hash or content is wrong.
  [[nodiscard]] virtual Status replay(const std::function<Status(const Record&)>& visit) = 0;

  // fold() over every record. A journal with snapshots reads the newest intact one and the records
  // after it. Errors as replay.
  [[nodiscard]] virtual Result<core::State> state();

  // A slice, of some milliseconds, of what can wait: a snapshot of `state` (the fold of every
  // record) when many came since the last one, the check of records that state() did not read, the
  // dropping of records that are not kept. An AppendError::Refused may be tried again later.
  [[nodiscard]] virtual std::expected<Tidied, AppendFailure> tidy(const core::State& state,
                                                                  WallTime now);

  // The records of one incident in order, at most `most` of them (the last ones).
  [[nodiscard]] virtual Result<std::vector<Record>> timeline(core::IncidentId incident,
                                                             std::size_t most) = 0;
};

}  // namespace fieldmedic
