// remediator.yml texts for tests, read by the real reader.
#pragma once

#include <memory>
#include <string_view>

#include "remediator/config.hpp"
#include "tests/fakes/fake_http.hpp"
#include "tests/fakes/manual_clock.hpp"
#include "tests/fakes/temp_tree.hpp"

namespace fieldmedic {

// A web.yml with one user.
inline constexpr std::string_view kUsers =
    "basic_auth_users:\n  medic: $2b$10$aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n";

// Reads one configuration from a folder of its own.
struct ReadConfig {
  explicit ReadConfig(std::string_view text) {
    config = read_remediator_config(tree.write("remediator.yml", text), {http, clock}, errors);
  }

  TempTree tree;
  FakeHttp http;
  ManualClock clock;
  ConfigErrors errors;
  std::unique_ptr<const RemediatorConfig> config;
};

}  // namespace fieldmedic
