#include "remediator/reach/far_dead_man.hpp"

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "remediator/reach/far_link_probe.hpp"
#include "tests/catch.hpp"
#include "tests/fakes/fake_runner.hpp"
#include "tests/fakes/killed_in_time.hpp"

namespace fieldmedic {

TEST_CASE("far dead man: what is told of it") {
  const std::pair<const char*, FarDeadMan> cases[] = {
      {"lives\narmed b 7 9\ntold\n", FarDeadMan::Armed},
      {"armed b 7 9\ntold\n", FarDeadMan::Gone},
      {"told\n", FarDeadMan::Gone},
      {"ended down\ntold\n", FarDeadMan::Down},
      {"lives\narmed b 7 9\nended down\ntold\n", FarDeadMan::Down},
      {"lives\narmed b 7 9\nended fired\ntold\n", FarDeadMan::Putting},
      {"armed b 7 9\nended fired\ntold\n", FarDeadMan::Failed},
      {"lives\narmed b 7 9\nback\nended fired\ntold\n", FarDeadMan::PutBack},
      {"armed b 7 9\nback\ntold\n", FarDeadMan::PutBack},
      {"armed b 7 9\nleft\nended fired\ntold\n", FarDeadMan::LeftAlone},
      {"armed b 7 9\nfailed\nended fired\ntold\n", FarDeadMan::Failed},
  };
  for (const auto& [text, want] : cases) {
    INFO(text);
    const auto told = parse_far_dead_man(text);
    REQUIRE(told);
    CHECK(*told == want);
  }
  for (const char* text : {"", "lives\ntold\n", "armed b 7 9\n", "ended \ntold\n",
                           "ended else\ntold\n", "sh: 1: Syntax error"}) {
    INFO(text);
    CHECK_FALSE(parse_far_dead_man(text).has_value());
  }
}

TEST_CASE("far dead man: it is armed, or stood down, only when the far side says so") {
  const FarSwitch planned{{}, {"ip", "it's back"}, {"ip", "show"}, "like"};
  const auto arm = [&](Result<ProcessResult> said) {
    FakeRunner runner;
    runner.answer(std::move(said));
    auto armed = arm_far_dead_man(runner, "a-1-1.0", planned, std::chrono::milliseconds(1'500), {});
    const auto argv = runner.calls().front().argv;
    CHECK(is_killed_in_time(runner.calls().front()));
    CHECK(argv[8] == "a-1-1.0");
    CHECK(std::vector<std::string>(argv.end() - 4, argv.end()) ==
          std::vector<std::string>{"2", "ip show", "like", "ip 'it'\\''s back'"});
    return armed;
  };
  CHECK(arm(ProcessResult{0, 0, "lives\narmed b 7 9\ntold\n", ""}).has_value());
  CHECK(arm(ProcessResult{0, 0, "told\n", ""}).error().code == Errc::Unavailable);
  CHECK(arm(ProcessResult{0, 0, "ended down\ntold\n", ""}).error().code == Errc::Unavailable);
  CHECK(arm(ProcessResult{1, 0, "", "not to be written"}).error().message.contains("not to be"));
  CHECK(arm(fail(Errc::Io, "lost")).error().code == Errc::Io);

  FakeRunner runner;
  runner.answer(ProcessResult{0, 0, "lives\narmed b 7 9\ntold\n", "no space"});
  CHECK_FALSE(stand_far_down(runner, "a-1-1.0", {}).has_value());
}

TEST_CASE("far probe: every address has to answer") {
  const std::vector<std::string> addresses{"10.9.0.1:443", "10.9.0.2:9090"};
  const auto judge = [&](const char* out) {
    return judge_probe("unicom", addresses, ProcessResult{0, 0, out, ""});
  };
  CHECK(judge("answers 10.9.0.1:443\nanswers 10.9.0.2:9090\nend\n").has_value());
  for (const char* out :
       {"", "end\n", "answers 10.9.0.1:443\nend\n", "answers 10.9.0.1:443\nanswers 10.9.0.2:9090\n",
        "answers 10.9.0.2:9090\nanswers 10.9.0.1:443\nend\n",
        "answers 10.9.0.1:443\nsilent 10.9.0.2:9090 Connection refused\nend\n", "garbage"}) {
    INFO(out);
    CHECK(judge(out).error().code == Errc::Unavailable);
  }
  CHECK(judge("silent 10.9.0.1:443 No such device\n").error().message.contains("No such device"));
  CHECK(is_killed_in_time(ask_probe("unicom", addresses)));
}

}  // namespace fieldmedic
