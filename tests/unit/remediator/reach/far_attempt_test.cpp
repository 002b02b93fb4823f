#include "remediator/reach/far_attempt.hpp"

#include "tests/catch.hpp"

namespace fieldmedic {

using State = FarRecord::State;

TEST_CASE("far record: what it says is read, and nothing is guessed") {
  struct Case {
    const char* name;
    const char* text;
    State state;
    int exit_code;
    bool same_boot;
  };
  const Case cases[] = {
      {"kept from starting", "boot B\nnever\n", State::Never, 0, true},
      {"began, no word since", "boot B\nbegan B\n", State::Unknown, 0, true},
      {"runs", "boot B\nalive\nbegan B\nruns 4711 99\n", State::Running, 0, true},
      {"ran, is gone, no word of its end", "boot B\nbegan B\nruns 4711 99\n", State::Unknown, 0,
       true},
      {"another boot's pid", "boot C\nalive\nbegan B\nruns 4711 99\n", State::Unknown, 0, false},
      {"ended well", "boot B\nbegan B\nruns 4711 99\nended 0\n", State::Ended, 0, true},
      {"ended, its pid is another's", "boot B\nalive\nbegan B\nruns 1 9\nended 3\n", State::Ended,
       3, true},
      {"ended before a reboot", "boot C\nbegan B\nruns 4711 99\nended 0\n", State::Ended, 0, false},
  };
  for (const Case& c : cases) DYNAMIC_SECTION(c.name) {
      const auto record = parse_record(c.text);
      REQUIRE(record);
      CHECK(record->state == c.state);
      CHECK(record->exit_code == c.exit_code);
      CHECK(record->same_boot == c.same_boot);
    }
}

TEST_CASE("far record: what is none is an error") {
  for (const char* text : {"", "boot B\n", "never\n", "began B\n", "boot B\nnever\nbegan B\n",
                           "boot B\nbegan B\nended\n", "boot B\nbegan B\nended x\n",
                           "boot B\nbegan B\nended 1 2\n", "sh: 1: Permission denied\n"}) {
    INFO(text);
    const auto record = parse_record(text);
    REQUIRE_FALSE(record);
    CHECK(record.error().code == Errc::Malformed);
  }
}

}  // namespace fieldmedic
