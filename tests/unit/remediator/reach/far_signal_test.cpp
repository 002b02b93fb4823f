#include "remediator/reach/far_signal.hpp"

#include "tests/catch.hpp"

namespace fieldmedic {

TEST_CASE("far signal: what became of each is read") {
  const auto told = parse_signalled("boot b-1\nalive 7\ndenied 8\ndying 9\nalive 9\nend\n");
  REQUIRE(told);
  CHECK(told->boot_id == "b-1");
  CHECK(told->alive == std::vector<pid_t>{7, 9});
  CHECK(told->denied == std::vector<pid_t>{8});
  CHECK(told->dying == std::vector<pid_t>{9});
}

TEST_CASE("far signal: an answer that is cut off or of another shape is none") {
  for (const char* text : {"", "boot b-1\nalive 7\n", "alive 7\nend\n", "boot b\nalive x\nend\n",
                           "boot b\nkilled 7\nend\n", "boot b\nalive 0\nend\n"}) {
    INFO(text);
    CHECK_FALSE(parse_signalled(text));
  }
}

TEST_CASE("far signal: processes go as words of their own") {
  const Command command = ask_signal(FarSignal::Kill, {{7, 100}, {8, 200}});
  REQUIRE(command.argv.size() == 11);
  CHECK(std::vector(command.argv.begin(), command.argv.begin() + 4) ==
        std::vector<std::string>{"timeout", "-s", "KILL", "11"});
  CHECK(std::vector(command.argv.begin() + 8, command.argv.end()) ==
        std::vector<std::string>{"KILL", "7:100", "8:200"});
}

}  // namespace fieldmedic
