// Reading the records of a journal's SQLite file. Nothing here writes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "remediator/journal/journal.hpp"

struct sqlite3;

namespace fieldmedic::journal {

// A place in the chain of hashes.
struct ChainLink {
  std::uint64_t sequence = 0;
  std::string hash;  // 32 bytes; empty before the first record

  friend bool operator==(const ChainLink&, const ChainLink&) = default;
};

// The last record, checked alone against the hash before it. Errc::Malformed: it was altered.
[[nodiscard]] Result<ChainLink> read_head(sqlite3* database);

// Where the chain begins: the last record that was dropped, or the place before the first.
[[nodiscard]] Result<ChainLink> read_anchor(sqlite3* database);

// At most `most` records after `from` in order, hash by hash, each given to `visit` (empty: only
// the hashes are looked at); answers how far it came. An error of `visit` ends it and is returned;
// Errc::Malformed names the record that is wrong.
[[nodiscard]] Result<ChainLink> check_records(sqlite3* database, ChainLink from, std::size_t most,
                                              const std::function<Status(const Record&)>& visit);
inline constexpr std::size_t kAllRecords = std::numeric_limits<std::size_t>::max();

// The last `most` records of one incident, in order.
[[nodiscard]] Result<std::vector<Record>> records_of(sqlite3* database, core::IncidentId incident,
                                                     std::size_t most);

}  // namespace fieldmedic::journal
