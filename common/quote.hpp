// Values inside of messages for people: in single quotes, cut, nothing that a terminal obeys.
#pragma once

#include <string>
#include <string_view>

namespace fieldmedic {

// What an operator wrote: UTF-8 stays readable, control characters become \n or \xNN. At most 64
// bytes of it, then "…".
[[nodiscard]] std::string quote(std::string_view value);

// What a stranger sent: everything but printable ASCII becomes \xNN, quotes and backslashes too.
[[nodiscard]] std::string quote_hostile(std::string_view value);

}  // namespace fieldmedic
