#include "remediator/reach/container_engine.hpp"

namespace fieldmedic {

bool is_container_name(std::string_view name) {
  constexpr std::string_view kAllowed =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-";
  constexpr std::string_view kNotFirst = "_.-";
  return !name.empty() && name.size() <= 128 && kNotFirst.find(name.front()) == name.npos &&
         name.find_first_not_of(kAllowed) == name.npos;
}

}  // namespace fieldmedic
