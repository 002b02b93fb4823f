#include "common/basic_auth.hpp"

#include <algorithm>
#include <array>
#include <mutex>
#include <set>
#include <vector>

#include <crypt.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

namespace fieldmedic {
namespace {

constexpr std::size_t kMaxCredentials = 1024;
constexpr std::size_t kMaxVerified = 64;

using Digest = std::array<unsigned char, 32>;

struct Credentials {
  std::string name;
  std::string password;

  ~Credentials() { OPENSSL_cleanse(password.data(), password.size()); }
};

std::optional<Credentials> parse(std::string_view authorization) {
  constexpr std::string_view kScheme = "basic ";
  if (authorization.size() <= kScheme.size() || authorization.size() > kMaxCredentials) return {};
  for (std::size_t i = 0; i < kScheme.size(); ++i) {
    if ((authorization[i] | 0x20) != kScheme[i]) return {};
  }
  authorization.remove_prefix(kScheme.size());
  std::array<unsigned char, kMaxCredentials> decoded;
  const int size =
      EVP_DecodeBlock(decoded.data(), reinterpret_cast<const unsigned char*>(authorization.data()),
                      static_cast<int>(authorization.size()));
  if (size < 0) return {};
  // EVP_DecodeBlock counts the padding as zero bytes.
  const auto padding = authorization.ends_with("==") ? 2U : authorization.ends_with("=") ? 1U : 0U;
  const std::string_view pair(reinterpret_cast<const char*>(decoded.data()),
                              static_cast<std::size_t>(size) - padding);
  std::optional<Credentials> credentials;
  const auto colon = pair.find(':');
  // crypt reads up to a NUL: what follows it would not be compared.
  if (colon != std::string_view::npos && !pair.contains('\0')) {
    credentials.emplace(std::string(pair.substr(0, colon)), std::string(pair.substr(colon + 1)));
  }
  OPENSSL_cleanse(decoded.data(), decoded.size());
  return credentials;
}

// A hash that no password has, as dear as the dearest of the users'.
std::string make_dummy(const std::map<std::string, std::string, std::less<>>& users) {
  std::string cost = "$04$";
  for (const auto& [name, hash] : users) {
    if (hash.size() > 7) cost = std::max(cost, hash.substr(3, 4));
  }
  return "$2b" + cost + std::string(53, '.');
}

}  // namespace

struct BasicAuthenticator::State {
  std::map<std::string, std::string, std::less<>> users;
  std::string dummy;
  std::array<unsigned char, 32> key{};
  std::mutex verified_mutex;
  std::set<Digest> verified;
  std::mutex crypt_mutex;
  crypt_data scratch{};

  [[nodiscard]] Digest digest(const Credentials& credentials) const {
    std::string text = credentials.name;
    text.push_back('\0');  // neither part holds one
    text += credentials.password;
    Digest result{};
    unsigned size = result.size();
    HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
         reinterpret_cast<const unsigned char*>(text.data()), text.size(), result.data(), &size);
    OPENSSL_cleanse(text.data(), text.size());
    return result;
  }

  [[nodiscard]] bool matches(const std::string& password, const std::string& hash) {
    const std::lock_guard lock(crypt_mutex);
    const char* computed = crypt_r(password.c_str(), hash.c_str(), &scratch);
    const std::string_view result = computed == nullptr ? "" : computed;
    const bool same =
        result.size() == hash.size() && CRYPTO_memcmp(result.data(), hash.data(), hash.size()) == 0;
    OPENSSL_cleanse(&scratch, sizeof scratch);
    return same;
  }
};

BasicAuthenticator::BasicAuthenticator(std::map<std::string, std::string, std::less<>> users)
    : state_(std::make_unique<State>()) {
  state_->dummy = make_dummy(users);
  state_->users = std::move(users);
  // Without randomness the key is zero, which only lets one who reads our memory test guesses.
  (void)RAND_bytes(state_->key.data(), static_cast<int>(state_->key.size()));
}

BasicAuthenticator::~BasicAuthenticator() = default;

std::optional<std::string> BasicAuthenticator::authenticate(std::string_view authorization) const {
  const auto credentials = parse(authorization);
  if (!credentials) return {};
  const Digest digest = state_->digest(*credentials);
  {
    const std::lock_guard lock(state_->verified_mutex);
    if (state_->verified.contains(digest)) return credentials->name;
  }
  const auto user = state_->users.find(credentials->name);
  const bool known = user != state_->users.end();
  const bool same = state_->matches(credentials->password, known ? user->second : state_->dummy);
  if (!known || !same) return {};
  const std::lock_guard lock(state_->verified_mutex);
  if (state_->verified.size() >= kMaxVerified) state_->verified.clear();
  state_->verified.insert(digest);
  return credentials->name;
}

}  // namespace fieldmedic
