#include "common/base64.hpp"

#include <algorithm>
#include <vector>

#include <openssl/crypto.h>
#include <openssl/evp.h>

namespace fieldmedic {

std::string encode_base64(std::string_view bytes) {
  std::string encoded(((bytes.size() + 2) / 3 * 4) + 1, '\0');  // EVP_EncodeBlock ends with a NUL
  const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(encoded.data()),
                                   reinterpret_cast<const unsigned char*>(bytes.data()),
                                   static_cast<int>(bytes.size()));
  encoded.resize(static_cast<std::size_t>(size));
  return encoded;
}

std::optional<std::string> decode_base64(std::string_view text) {
  if (text.size() % 4 != 0 || text.size() > (4U << 20)) return std::nullopt;
  std::vector<unsigned char> decoded((text.size() / 4 * 3) + 1);
  const int size =
      EVP_DecodeBlock(decoded.data(), reinterpret_cast<const unsigned char*>(text.data()),
                      static_cast<int>(text.size()));
  // EVP_DecodeBlock counts the padding as zero bytes.
  const auto padding = text.ends_with("==") ? 2U : text.ends_with('=') ? 1U : 0U;
  std::optional<std::string> answer;
  if (size >= 0)
    answer.emplace(reinterpret_cast<const char*>(decoded.data()),
                   std::max(static_cast<std::size_t>(size), std::size_t{padding}) - padding);
  OPENSSL_cleanse(decoded.data(), decoded.size());
  return answer;
}

}  // namespace fieldmedic
