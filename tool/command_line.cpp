#include "tool/command_line.hpp"

#include <cstdint>
#include <string>

#include <CLI/CLI.hpp>

#include "common/version.hpp"

namespace fieldmedic::tool {
namespace {

constexpr const char* kDescription =
    "The operator's tool of Fieldmedic: what is broken, what is done about it, and your word on "
    "it.";
constexpr const char* kFooter = R"(
Where the remediator is stands in ~/.config/fieldmedic.yml or /etc/fieldmedic/fieldmedic.yml:
  url: https://medic:9988
  username: alice
  password_file: alice.password

Examples:
  fieldmedic incidents                      what was and is broken
  fieldmedic show 17                        one incident, with reasons and evidence
  fieldmedic plan alertname=CollectorDown host=sh-01 collector=orders
  fieldmedic approve 17 3f2a9c41d07be581    yes to what `show 17` says
  fieldmedic pause host/sh-01 --reason "new kernel"
  fieldmedic check remediator /etc/fieldmedic/remediator.yml

Exit codes: 0 done, 1 the answer is no, 64 wrong command line, 69 the remediator cannot be reached,
74 a file cannot be read, 77 credentials or role do not suffice, 78 a configuration is wrong.)";

constexpr const char* kScopeHelp = "all, group/G, host/H, playbook/P or incident/N";
constexpr const char* kJournal = "/var/lib/fieldmedic/journal.db";

// What the options write into; each subcommand reads its own when it was the one.
struct Words {
  CommandLine line;
  std::string state = "all";
  unsigned limit = 50;
  std::uint64_t incident = 0;
  std::string hash;
  std::string scope;
  std::string reason;
  std::vector<std::string> labels;
  std::string daemon;
  std::filesystem::path file;
  std::filesystem::path journal = kJournal;
};

// As it is shown. CLI11 would take 010 for eight, and another incident would be cancelled.
std::string why_no_number(const std::string& text) {
  constexpr std::size_t kMostDigits = 18;
  const bool digits = text.find_first_not_of("0123456789") == std::string::npos;
  if (digits && !text.empty() && text.front() != '0' && text.size() <= kMostDigits) return {};
  return "wants a number such as 17, got '" + text + "'";
}

CLI::Validator number() {
  return {why_no_number, "NUMBER"};
}

CLI::App* add(CLI::App& app, const char* name, const char* help, std::function<void()> chosen) {
  CLI::App* command = app.add_subcommand(name, help);
  command->callback(std::move(chosen));
  return command;
}

void add_id(CLI::App* command, Words& words) {
  command->add_option("ID", words.incident, "The incident's number.")->required()->check(number());
}

void add_reason(CLI::App* command, Words& words) {
  command->add_option("--reason", words.reason, "Why; it is recorded and shown.");
}

void add_reading(CLI::App& app, Words& words) {
  CLI::App* list = add(app, "incidents", "Lists incidents, newest first.",
                       [&words] { words.line.command = list_incidents(words.state, words.limit); });
  list->add_option("--state", words.state, "open, ended or all.")
      ->check(CLI::IsMember({"open", "ended", "all"}))
      ->capture_default_str();
  list->add_option("--limit", words.limit, "At most so many.")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  add_id(add(app, "show", "One incident: its state, what it asks, checks, timeline.",
             [&words] { words.line.command = show_incident(words.incident); }),
         words);
  CLI::App* plan =
      add(app, "plan", "What would be done for an alert with these labels, and nothing is done.",
          [&words] { words.line.command = PlanFor{words.labels}; });
  plan->add_option("LABEL", words.labels, "Such as alertname=CollectorDown host=sh-01.")
      ->required();
  add(app, "brakes", "What is paused, and which breakers are open.",
      [&words] { words.line.command = list_brakes(); });
  add(app, "leases", "What is changed for a time and not undone yet.",
      [&words] { words.line.command = list_leases(); });
}

void add_answers(CLI::App& app, Words& words) {
  CLI::App* yes =
      add(app, "approve", "Says yes to what an incident asks. Takes the role that its tier names.",
          [&words] { words.line.command = approve(words.incident, words.hash); });
  add_id(yes, words);
  yes->add_option("HASH", words.hash, "Of the plan, as `fieldmedic show ID` says it.")->required();
  CLI::App* no = add(app, "cancel", "Ends an incident; people go on by hand.",
                     [&words] { words.line.command = cancel(words.incident, words.reason); });
  add_id(no, words);
  add_reason(no, words);
}

void add_lease(CLI::App& app, Words& words, const char* name, const char* help,
               Ask (*ask)(std::uint64_t, const std::string&)) {
  CLI::App* command = add(
      app, name, help, [&words, ask] { words.line.command = ask(words.incident, words.reason); });
  command->add_option("ID", words.incident, "The lease's number, as `fieldmedic leases` shows it.")
      ->required()
      ->check(number());
  add_reason(command, words);
}

void add_brake(CLI::App& app, Words& words, const char* name, const char* help,
               Ask (*ask)(const std::string&, const std::string&), const char* scope_help) {
  CLI::App* command =
      add(app, name, help, [&words, ask] { words.line.command = ask(words.scope, words.reason); });
  command->add_option("SCOPE", words.scope, scope_help)->required();
  add_reason(command, words);
}

void add_files(CLI::App& app, Words& words) {
  CLI::App* check = add(app, "check", "Reads a configuration as its daemon does: every fault.",
                        [&words] { words.line.command = CheckFile{words.daemon, words.file}; });
  check->add_option("DAEMON", words.daemon, "remediator or exporter.")
      ->required()
      ->check(CLI::IsMember({"remediator", "exporter"}));
  check->add_option("FILE", words.file, "Its configuration.")->required();

  CLI::App* journal = app.add_subcommand(
      "journal", "Looks at a journal that no remediator holds: a stopped one's, or a backup.");
  journal->require_subcommand(1);
  CLI::App* verify =
      add(*journal, "verify", "Checks every record's hash: was anything altered or taken out?",
          [&words] { words.line.command = VerifyJournal{words.journal}; });
  CLI::App* dump =
      add(*journal, "dump", "Every record as a line of JSON, for jq and the like.",
          [&words] { words.line.command = DumpJournal{words.journal, words.incident}; });
  for (CLI::App* command : {verify, dump})
    command->add_option("FILE", words.journal, "The journal.")->capture_default_str();
  CLI::App* restore =
      add(*journal, "restore", "Puts a backup where a journal was lost; it begins paused.",
          [&words] { words.line.command = RestoreJournal{words.file, words.journal}; });
  restore->add_option("BACKUP", words.file, "The backup; it stays as it is.")->required();
  restore->add_option("FILE", words.journal, "Where the journal was.")->capture_default_str();
  dump->add_option("--incident", words.incident, "Of this incident alone.");
}

void add_replay(CLI::App& app, Words& words) {
  CLI::App* replay =
      add(app, "replay", "Which recorded decisions a new configuration would make otherwise.",
          [&words] { words.line.command = ReplayJournal{words.file, words.journal}; });
  replay->add_option("CONFIGURATION", words.file, "The new remediator.yml.")->required();
  replay->add_option("JOURNAL", words.journal, "A stopped remediator's, or a backup.")
      ->capture_default_str();
}

}  // namespace

std::variant<CommandLine, ExitCode> parse_command_line(int argc, const char* const* argv) {
  Words words;
  CLI::App app(kDescription, "fieldmedic");
  app.footer(kFooter);
  app.set_version_flag("--version", std::string(kVersion));
  app.require_subcommand(1);
  app.fallthrough();  // --json may stand behind the command
  app.add_option("--config.file", words.line.config_file, "Where the remediator is, and who asks.");
  app.add_flag_callback(
      "--json", [&words] { words.line.output = Output::Json; },
      "The remediator's answer as it is, instead of text.");
  add_reading(app, words);
  add_answers(app, words);
  add_brake(app, words, "pause", "Holds repairs back in a scope, until `resume`.", pause,
            kScopeHelp);
  add_brake(app, words, "resume", "Lets them go on. For all: takes the role admin.", resume,
            kScopeHelp);
  add_brake(app, words, "close-breaker",
            "Closes a breaker that opened because repairs did not help.", close_breaker,
            "As `fieldmedic brakes` shows it.");
  add_lease(app, words, "end-lease", "Undoes a temporary change now.", end_lease);
  add_lease(app, words, "settle-lease",
            "Says that a temporary change needs no undo: done by hand, or meant to stay.",
            settle_lease);
  add_files(app, words);
  add_replay(app, words);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {  // CLI11 says --help this way too
    return app.exit(e) == 0 ? ExitCode::Done : ExitCode::Usage;
  }
  return std::move(words.line);
}

}  // namespace fieldmedic::tool
