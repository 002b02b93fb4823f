#include "remediator/notify/plain_text.hpp"

#include <string>

#include "tests/catch.hpp"

namespace fieldmedic {
namespace {

TEST_CASE("one line stays one line of valid UTF-8") {
  CHECK(one_line("磁盘 sda") == "磁盘 sda");
  CHECK(one_line("a\nb\r\tc\x7f") == "a b  c ");
  CHECK(one_line(std::string("a\0b", 3)) == "a b");
  CHECK(one_line("a\x80z\xE5\x91") == "a\xEF\xBF\xBDz\xEF\xBF\xBD\xEF\xBF\xBD");
  CHECK(one_line("") == "");
}

TEST_CASE("a message as plain text has its title and a line for each field") {
  CHECK(plain_text({core::MessageKind::HandedOver,
                    "Needs a person: collector/orders@sh-01",
                    {{"outcome", "tiers spent\nforged: line"}, {"alert", "CollectorDown"}}}) ==
        "Needs a person: collector/orders@sh-01\noutcome: tiers spent forged: line\nalert: "
        "CollectorDown");
  CHECK(plain_text({core::MessageKind::SelfAlert, "title", {}}) == "title");
}

TEST_CASE("plain text is bounded and cut between code points") {
  std::string long_value;
  for (int i = 0; i < 10'000; ++i) long_value += "告";
  const std::string text = plain_text({core::MessageKind::SelfAlert, "t", {{"f", long_value}}});
  CHECK(text.size() <= 16 * 1024);
  CHECK(text.size() > 16 * 1024 - 3);
  CHECK(one_line(text).size() == text.size());  // nothing was replaced, so nothing was cut in two
}

}  // namespace
}  // namespace fieldmedic
