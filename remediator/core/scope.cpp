#include "remediator/core/scope.hpp"

#include <algorithm>

namespace fieldmedic::core {

bool is_scope(std::string_view text) {
  if (text == kWholeFleet) return true;
  constexpr std::size_t kLongest = 128;
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos || text.size() > kLongest) return false;
  const std::string_view kind = text.substr(0, slash);
  const std::string_view name = text.substr(slash + 1);
  const auto plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '.' || c == '-';
  };
  return (kind == "group" || kind == "host" || kind == "playbook" || kind == "incident") &&
         !name.empty() && std::ranges::all_of(name, plain);
}

}  // namespace fieldmedic::core
