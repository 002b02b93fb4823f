#include "common/without_secret.hpp"

#include <utility>

namespace fieldmedic {

std::string without_secret(std::string text, std::string_view secret) {
  constexpr std::string_view kHidden = "***";
  if (secret.empty()) return text;
  std::string left;
  std::size_t from = 0;
  for (std::size_t at = 0; (at = text.find(secret, from)) != std::string::npos;
       from = at + secret.size())
    left.append(text, from, at - from).append(kHidden);
  if (from == 0) return text;
  return left.append(text, from);
}

}  // namespace fieldmedic
