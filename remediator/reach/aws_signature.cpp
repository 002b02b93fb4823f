#include "remediator/reach/aws_signature.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <ctime>
#include <string_view>

#include <fmt/chrono.h>
#include <fmt/core.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

namespace fieldmedic {

namespace {

constexpr std::string_view kAlgorithm = "AWS4-HMAC-SHA256";
constexpr std::size_t kDigestSize = 32;
using Digest = std::array<unsigned char, kDigestSize>;

std::string hex(const Digest& digest) {
  std::string text;
  for (const unsigned char byte : digest) text += fmt::format("{:02x}", byte);
  return text;
}

std::string hash(std::string_view text) {
  Digest digest{};
  unsigned int size = 0;
  EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha256(), nullptr);
  return hex(digest);
}

std::string_view bytes(const Digest& digest) {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

Digest keyed(std::string_view key, std::string_view text) {
  Digest digest{};
  unsigned int size = 0;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
       reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data(), &size);
  return digest;
}

// Lower case, as names of headers are compared.
std::string lower(std::string text) {
  std::ranges::transform(text, text.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return text;
}

// Without blanks around it, and one for each run within it.
std::string trimmed(std::string_view text) {
  std::string left;
  for (const char c : text) {
    if (c == ' ' && (left.empty() || left.back() == ' ')) continue;
    left += c;
  }
  if (left.ends_with(' ')) left.pop_back();
  return left;
}

AwsFields canonical_headers(const AwsFields& headers) {
  AwsFields canonical;
  for (const auto& [name, value] : headers) canonical.emplace_back(lower(name), trimmed(value));
  std::ranges::sort(canonical);
  return canonical;
}

std::string names_of(const AwsFields& canonical) {
  std::string names;
  for (const auto& [name, value] : canonical) names += (names.empty() ? "" : ";") + name;
  return names;
}

std::string canonical_query(const AwsFields& query) {
  AwsFields encoded;
  for (const auto& [name, value] : query)
    encoded.emplace_back(aws_encoded(name), aws_encoded(value));
  std::ranges::sort(encoded);
  std::string text;
  for (const auto& [name, value] : encoded)
    text += fmt::format("{}{}={}", text.empty() ? "" : "&", name, value);
  return text;
}

std::string signing_signature(const AwsCredentials& credentials, const AwsScope& scope,
                              std::string_view day, std::string_view text) {
  Digest key = keyed("AWS4" + credentials.secret_access_key.reveal(), day);
  for (const std::string_view part :
       {std::string_view(scope.region), std::string_view(scope.service),
        std::string_view("aws4_request")})
    key = keyed(bytes(key), part);
  return hex(keyed(bytes(key), text));
}

}  // namespace

std::string aws_encoded(std::string_view text) {
  std::string encoded;
  for (const char c : text) {
    const bool stays = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                       std::string_view("-_.~").contains(c);
    encoded += stays ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return encoded;
}

std::string aws_canonical_request(const AwsRequest& request) {
  const AwsFields headers = canonical_headers(request.headers);
  std::string lines;
  for (const auto& [name, value] : headers) lines += fmt::format("{}:{}\n", name, value);
  return fmt::format("{}\n/\n{}\n{}\n{}\n{}", request.method, canonical_query(request.query), lines,
                     names_of(headers), hash(request.body));
}

AwsFields aws_signature(AwsRequest request, const AwsCredentials& credentials,
                        const AwsScope& scope, WallTime now) {
  const auto second = std::chrono::floor<std::chrono::seconds>(now);
  const std::time_t seconds = second.time_since_epoch().count();
  const std::tm utc = fmt::gmtime(seconds);
  const std::string time = fmt::format("{:%Y%m%dT%H%M%SZ}", utc);
  const std::string day = time.substr(0, 8);
  AwsFields added{{"X-Amz-Date", time}};
  if (!credentials.session_token.empty())
    added.emplace_back("X-Amz-Security-Token", credentials.session_token.reveal());
  request.headers.insert(request.headers.end(), added.begin(), added.end());
  const std::string in = fmt::format("{}/{}/{}/aws4_request", day, scope.region, scope.service);
  const std::string text =
      fmt::format("{}\n{}\n{}\n{}", kAlgorithm, time, in, hash(aws_canonical_request(request)));
  added.emplace_back(
      "Authorization",
      fmt::format("{} Credential={}/{}, SignedHeaders={}, Signature={}", kAlgorithm,
                  credentials.access_key_id, in, names_of(canonical_headers(request.headers)),
                  signing_signature(credentials, scope, day, text)));
  return added;
}

}  // namespace fieldmedic
