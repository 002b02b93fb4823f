#include "common/without_secret.hpp"

#include "tests/catch.hpp"

namespace fieldmedic {

TEST_CASE("a known secret is taken out of what strangers say") {
  struct Case {
    const char* text;
    const char* secret;
    const char* want;
  };
  const Case cases[] = {
      {"bad password: hunter2", "hunter2", "bad password: ***"},
      {"hunter2hunter2 hunter", "hunter2", "****** hunter"},
      {"hunter2", "hunter2", "***"},
      {"nothing of it", "hunter2", "nothing of it"},
      {"all of it", "", "all of it"},
      {"", "hunter2", ""},
      {"a * and **", "*", "a *** and ******"},  // one that is in what it becomes
  };
  for (const Case& c : cases) CHECK(without_secret(c.text, c.secret) == c.want);
}

}  // namespace fieldmedic
