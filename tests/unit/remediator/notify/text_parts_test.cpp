#include "remediator/notify/text_parts.hpp"

#include <string>

#include "remediator/notify/plain_text.hpp"
#include "tests/catch.hpp"

namespace fieldmedic {
namespace {

std::string repeated(std::string_view text, int times) {
  std::string all;
  for (int i = 0; i < times; ++i) all += text;
  return all;
}

bool is_utf8(const std::string& part) {
  std::string flat = part;
  for (char& c : flat)
    if (c == '\n') c = ' ';
  return one_line(part) == flat;
}

TEST_CASE("text within the limit is one part without a marker") {
  CHECK(split_text("", 64) == std::vector<std::string>{""});
  CHECK(split_text(std::string(64, 'x'), 64) == std::vector<std::string>{std::string(64, 'x')});
  CHECK(split_text(repeated("告", 1365), 4096).size() == 1);
  CHECK(split_text(repeated("告", 682), 2048).size() == 1);
}

TEST_CASE("longer text is split between lines and numbered") {
  const std::string line(20, 'a');
  const std::string text = line + "\n" + line + "\n" + line + "\n" + line;  // 83 bytes
  CHECK(split_text(text, 82) ==
        std::vector<std::string>{"(1/2)\n" + line + "\n" + line, "(2/2)\n" + line + "\n" + line});
}

TEST_CASE("a line that is too long is split between code points") {
  const auto parts = split_text(repeated("告", 1366), 4096);
  REQUIRE(parts.size() == 2);
  CHECK(parts[0] == "(1/2)\n" + repeated("告", 1354));  // 4064 bytes hold 1354 of them
  CHECK(parts[1] == "(2/2)\n" + repeated("告", 12));
}

TEST_CASE("no part is beyond the limit and nothing is lost") {
  for (int size = 60; size < 160; ++size) {
    std::string text;
    for (int i = 0; static_cast<int>(text.size()) < size; ++i) text += i % 7 == 6 ? "\n" : "告";
    const auto parts = split_text(text, 96);
    std::string joined;
    for (const auto& part : parts) {
      CHECK(part.size() <= 96);
      CHECK(is_utf8(part));
      if (parts.size() == 1)
        joined = part;
      else
        joined += (joined.empty() ? "" : "\n") + part.substr(part.find('\n') + 1);
    }
    std::erase(joined, '\n');
    std::erase(text, '\n');
    CHECK(joined == text);
  }
}

TEST_CASE("text for more than three parts is cut and says how much is missing") {
  const auto parts = split_text(std::string(1'000, 'x'), 100);
  CHECK(parts == std::vector<std::string>{std::string(68, 'x') + "\n… (+932 bytes)"});
  CHECK(split_text(std::string(1'000'000'000, 'x'), 100).at(0).size() <= 100);
  CHECK(split_text(std::string(68 * 3, 'x'), 100).size() == 3);
  CHECK(split_text(std::string(68 * 3 + 1, 'x'), 100).size() == 1);
}

}  // namespace
}  // namespace fieldmedic
