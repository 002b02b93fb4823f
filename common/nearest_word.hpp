// "did you mean": the hint beside an unknown name.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace fieldmedic {

// ", did you mean 'cooldown'?" with the known word nearest to `word` (Levenshtein distance, at most
// a third of the word's length); empty when none is that near.
[[nodiscard]] std::string did_you_mean(std::string_view word,
                                       const std::vector<std::string_view>& known);

}  // namespace fieldmedic
