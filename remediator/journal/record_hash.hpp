// The chain that makes a changed record show: each hash covers the one before it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace fieldmedic::journal {

// A record as stored. The views live as long as what they were read from.
struct StoredRecord {
  std::uint64_t sequence = 0;
  std::uint64_t epoch = 0;
  std::int64_t wall_ms = 0;  // since 1970
  std::string_view boot_id;
  std::int64_t boot_ms = 0;  // since boot
  std::string_view name;
  std::string_view body;  // what encode_event gave
};

// SHA-256 (32 bytes, not hex) over `previous`, the numbers as 8 bytes each, most significant first,
// and the texts with their length in front: no two records encode alike. `previous` is empty for
// the first.
[[nodiscard]] std::string record_hash(std::string_view previous, const StoredRecord& record);

// SHA-256 over a snapshot's place in the chain and the SHA-256 of its text.
[[nodiscard]] std::string snapshot_digest(std::uint64_t sequence, std::string_view hash,
                                          std::string_view body);

[[nodiscard]] std::string to_hex(std::string_view bytes);

}  // namespace fieldmedic::journal
