// Taking a secret that is known out of what the other side says: one that lies may say our own.
#pragma once

#include <string>
#include <string_view>

namespace fieldmedic {

// Each place of `secret` becomes ***; an empty one is nowhere. To be done before the text is cut,
// since a part of a secret would not be known again.
[[nodiscard]] std::string without_secret(std::string text, std::string_view secret);

}  // namespace fieldmedic
