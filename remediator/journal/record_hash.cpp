#include "remediator/journal/record_hash.hpp"

#include <array>

#include <openssl/sha.h>

namespace fieldmedic::journal {
namespace {

void add_number(std::string& bytes, std::uint64_t number) {
  for (int shift = 56; shift >= 0; shift -= 8)
    bytes.push_back(static_cast<char>((number >> shift) & 0xFF));
}

void add_text(std::string& bytes, std::string_view text) {
  add_number(bytes, text.size());
  bytes.append(text);
}

std::string sha256(std::string_view bytes) {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
  SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), digest.data());
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

}  // namespace

std::string record_hash(std::string_view previous, const StoredRecord& record) {
  std::string bytes;
  bytes.reserve(160 + record.body.size());
  add_text(bytes, previous);
  add_number(bytes, record.sequence);
  add_number(bytes, record.epoch);
  add_number(bytes, static_cast<std::uint64_t>(record.wall_ms));
  add_text(bytes, record.boot_id);
  add_number(bytes, static_cast<std::uint64_t>(record.boot_ms));
  add_text(bytes, record.name);
  add_text(bytes, record.body);
  return sha256(bytes);
}

std::string snapshot_digest(std::uint64_t sequence, std::string_view hash, std::string_view body) {
  std::string bytes;
  add_number(bytes, sequence);
  add_text(bytes, hash);
  add_text(bytes, sha256(body));
  return sha256(bytes);
}

std::string to_hex(std::string_view bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  text.reserve(2 * bytes.size());
  for (const char byte : bytes) {
    const auto value = static_cast<unsigned char>(byte);
    text.push_back(kDigits[value >> 4]);
    text.push_back(kDigits[value & 0xF]);
  }
  return text;
}

}  // namespace fieldmedic::journal
