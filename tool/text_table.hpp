// Rows under each other.
#pragma once

#include <string>
#include <vector>

namespace fieldmedic::tool {

using Row = std::vector<std::string>;

// Columns as wide as their widest text (in code points), two blanks between them, the last one as
// it is; a line each. Every row has as many columns as the first.
[[nodiscard]] std::string text_table(const std::vector<Row>& rows);

}  // namespace fieldmedic::tool
