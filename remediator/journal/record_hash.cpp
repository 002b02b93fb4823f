#include "remediator/journal/record_hash.hpp"

#include <array>
#include <cstdlib>

#include <openssl/evp.h>
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

// Looked up once: for each of a journal's records it would cost more than the digest itself. Never
// null where the library works; freed by nobody, as long as the program.
const EVP_MD* algorithm() {
  static const EVP_MD* const kSha256 = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  return kSha256;
}

std::string sha256(std::string_view bytes) {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
  if (EVP_Digest(bytes.data(), bytes.size(), digest.data(), nullptr, algorithm(), nullptr) != 1)
    std::abort();  // a record without its hash would break the chain unseen
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
