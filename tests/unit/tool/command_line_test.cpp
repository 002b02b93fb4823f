// The command line, down to what is asked of the remediator.
#include "tool/command_line.hpp"

#include <vector>

#include "tests/catch.hpp"

namespace fieldmedic::tool {
namespace {

std::variant<CommandLine, ExitCode> parsed(std::vector<const char*> words) {
  words.insert(words.begin(), "fieldmedic");
  return parse_command_line(static_cast<int>(words.size()), words.data());
}

template <class Command>
Command command_of(std::vector<const char*> words) {
  const auto line = parsed(std::move(words));
  REQUIRE(std::holds_alternative<CommandLine>(line));
  const auto& command = std::get<CommandLine>(line).command;
  REQUIRE(std::holds_alternative<Command>(command));
  return std::get<Command>(command);
}

TEST_CASE("tool command line: what each command asks") {
  const struct {
    std::vector<const char*> words;
    const char* method;
    const char* path;
    const char* body;
  } cases[] = {
      {{"incidents"}, "GET", "/api/v1/incidents?limit=50", ""},
      {{"incidents", "--state", "open", "--limit", "7"},
       "GET",
       "/api/v1/incidents?limit=7&state=open",
       ""},
      {{"show", "17"}, "GET", "/api/v1/incidents/17", ""},
      {{"brakes"}, "GET", "/api/v1/brakes", ""},
      {{"leases"}, "GET", "/api/v1/leases", ""},
      {{"end-lease", "18", "--reason", "disk changed"},
       "POST",
       "/api/v1/leases/18/end",
       R"({"reason":"disk changed"})"},
      {{"settle-lease", "18"}, "POST", "/api/v1/leases/18/settle", R"({"reason":""})"},
      {{"approve", "17", "3f2a"}, "POST", "/api/v1/incidents/17/approve", R"({"hash":"3f2a"})"},
      {{"cancel", "17", "--reason", "by \"hand\""},
       "POST",
       "/api/v1/incidents/17/cancel",
       R"({"reason":"by \"hand\""})"},
      {{"pause", "host/h1"}, "POST", "/api/v1/pause", R"({"reason":"","scope":"host/h1"})"},
      {{"resume", "all", "--reason", "done"},
       "POST",
       "/api/v1/resume",
       R"({"reason":"done","scope":"all"})"},
      {{"close-breaker", "playbook/p/group/g"},
       "POST",
       "/api/v1/breakers/close",
       R"({"reason":"","scope":"playbook/p/group/g"})"},
  };
  for (const auto& c : cases) DYNAMIC_SECTION(c.words.front()) {
      const Ask ask = command_of<Ask>(c.words);
      CHECK(ask.method == c.method);
      CHECK(ask.path == c.path);
      CHECK(ask.body == c.body);
    }
}

TEST_CASE("tool command line: labels of a plan are pairs, the value as it stands") {
  const auto labels = command_of<PlanFor>({"plan", "alertname=Down", "query=a=\"b\""}).labels;
  const auto ask = make_plan(labels);
  REQUIRE(ask);
  CHECK(ask->body == R"({"labels":{"alertname":"Down","query":"a=\"b\""}})");
  CHECK_FALSE(make_plan({"=x"}));
  CHECK_FALSE(make_plan({"host"}));
}

TEST_CASE("tool command line: files") {
  CHECK(command_of<CheckFile>({"check", "exporter", "x.yml"}).daemon == "exporter");
  CHECK(command_of<CheckFile>({"check", "remediator", "x.yml"}).file == "x.yml");
  CHECK(command_of<VerifyJournal>({"journal", "verify"}).file == "/var/lib/fieldmedic/journal.db");
  CHECK(command_of<ReplayJournal>({"replay", "new.yml", "j.db"}).config == "new.yml");
  CHECK(command_of<DumpJournal>({"journal", "dump", "j.db", "--incident", "4"}).incident == 4);
}

TEST_CASE("tool command line: options may stand behind the command") {
  const auto line = parsed({"incidents", "--json", "--config.file", "here.yml"});
  REQUIRE(std::holds_alternative<CommandLine>(line));
  CHECK(std::get<CommandLine>(line).output == Output::Json);
  CHECK(std::get<CommandLine>(line).config_file == "here.yml");
}

TEST_CASE("tool command line: what makes no sense is 64, help is 0") {
  const std::vector<std::vector<const char*>> wrong{{},
                                                    {"incident"},
                                                    {"incidents", "--state", "new"},
                                                    {"incidents", "--limit", "0"},
                                                    {"show"},
                                                    {"show", "x"},
                                                    {"show", "0"},
                                                    {"show", "010"},
                                                    {"cancel", "0x10"},
                                                    {"end-lease", "99999999999999999999"},
                                                    {"approve", "17"},
                                                    {"check"},
                                                    {"check", "disk"},
                                                    {"journal"},
                                                    {"pause"},
                                                    {"--password"}};
  for (const auto& words : wrong) {
    const auto line = parsed(words);
    REQUIRE(std::holds_alternative<ExitCode>(line));
    CHECK(std::get<ExitCode>(line) == ExitCode::Usage);
  }
  CHECK(std::get<ExitCode>(parsed({"--help"})) == ExitCode::Done);
  CHECK(std::get<ExitCode>(parsed({"approve", "--help"})) == ExitCode::Done);
}

}  // namespace
}  // namespace fieldmedic::tool
