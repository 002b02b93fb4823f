// fieldmedic: the operator's tool. Exit codes: exit_code.hpp.
#include <iostream>
#include <string>
#include <utility>

#include "tool/command_line.hpp"
#include "tool/connection.hpp"
#include "tool/remote.hpp"

namespace fieldmedic::tool {
namespace {

ExitCode give_up(const Error& error) {
  std::cerr << "fieldmedic: " << error.message << '\n';
  return exit_code_of(error.code);
}

ExitCode outcome(const Status& status) {
  return status ? ExitCode::Done : give_up(status.error());
}

// One overload a command.
struct Do {
  const CommandLine& line;

  ExitCode operator()(const Ask& ask) const {
    const auto access = read_connection(connection_file(line.config_file));
    if (!access) {
      std::cerr << access.error().message << '\n';
      return ExitCode::Config;
    }
    CurlHttpClient http;
    const auto body = ask_remediator(http, *access, ask);
    if (!body) return give_up(body.error());
    const auto text = line.output == Output::Json ? *body : ask.show(*body);
    if (!text) return give_up(text.error());
    std::cout << *text;
    return ExitCode::Done;
  }
  ExitCode operator()(const PlanFor& command) const {
    const auto ask = make_plan(command.labels);
    return ask ? (*this)(*ask) : give_up(ask.error());
  }
  ExitCode operator()(const CheckFile& command) const { return give_up(check_file(command)); }
  ExitCode operator()(const VerifyJournal& command) const {
    return outcome(verify_journal(command, std::cout));
  }
  ExitCode operator()(const DumpJournal& command) const {
    return outcome(dump_journal(command, std::cout));
  }
  ExitCode operator()(const ReplayJournal& command) const {
    const auto code = replay_journal(command, std::cout);
    if (code) return *code;
    if (code.error().code != Errc::Invalid) return give_up(code.error());
    std::cerr << code.error().message << '\n';
    return ExitCode::Config;
  }
  ExitCode operator()(const RestoreJournal& command) const {
    return outcome(restore(command, SystemClock{}, std::cout));
  }
};

ExitCode run(int argc, const char* const* argv) {
  const auto parsed = parse_command_line(argc, argv);
  if (const auto* exit = std::get_if<ExitCode>(&parsed)) return *exit;
  const auto& line = std::get<CommandLine>(parsed);
  const ExitCode code = std::visit(Do{line}, line.command);
  std::cout.flush();
  if (code == ExitCode::Done && !std::cout)
    return give_up({Errc::Io, "the output cannot be written"});
  return code;
}

}  // namespace
}  // namespace fieldmedic::tool

int main(int argc, char** argv) {
  return static_cast<int>(fieldmedic::tool::run(argc, argv));
}
