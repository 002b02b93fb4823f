#include "remediator/reach/systemd.hpp"

#include <algorithm>

namespace fieldmedic {

bool is_service_name(std::string_view name) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view(":-_.\\@").contains(c);
  };
  constexpr std::string_view kType = ".service";
  return name.size() > kType.size() && name.size() <= 255 && name.ends_with(kType) &&
         std::ranges::all_of(name, allowed);
}

bool is_service_template(std::string_view name) {
  constexpr std::string_view kEnd = "@.service";
  return is_service_name(name) && name.size() > kEnd.size() && name.ends_with(kEnd) &&
         name.find('@') == name.size() - kEnd.size();
}

}  // namespace fieldmedic
