#include "remediator/reach/far_look.hpp"

#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include <fmt/core.h>

namespace fieldmedic {

Command killed_in_time(Command command) {
  const auto most = std::chrono::ceil<std::chrono::seconds>(command.timeout).count() + 1;
  std::vector<std::string> argv{"timeout", "-s", "KILL", fmt::format("{}", most)};
  argv.insert(argv.end(), std::make_move_iterator(command.argv.begin()),
              std::make_move_iterator(command.argv.end()));
  command.argv = std::move(argv);
  return command;
}

}  // namespace fieldmedic
