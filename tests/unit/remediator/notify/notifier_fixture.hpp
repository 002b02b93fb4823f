// What the tests of the channels share.
#pragma once

#include <memory>
#include <string>

#include <fmt/format.h>

#include "remediator/notify/notifier.hpp"
#include "tests/catch.hpp"
#include "tests/fakes/fake_http.hpp"
#include "tests/fakes/manual_clock.hpp"
#include "tests/fakes/temp_tree.hpp"

namespace fieldmedic {

struct NotifierFixture {
  TempTree folder{
      {{"key", "693a91f6-7xxx-4bc4-97a0-0ec2sifa5aaa\n"}, {"password", "open sesame\n"}}};
  FakeHttp http;
  ManualClock clock;
  ConfigErrors errors;

  // `yaml` in flow style; {key} and {password} are the files.
  std::unique_ptr<Notifier> read(std::string yaml) {
    for (const char* file : {"key", "password"}) {
      const std::string place = std::string("{") + file + "}";
      if (const auto at = yaml.find(place); at != std::string::npos)
        yaml.replace(at, place.size(), (folder.root / file).string());
    }
    return read_notifier(parse_yaml("r.yml", yaml, errors), {http, clock});
  }
  std::unique_ptr<Notifier> read_good(const std::string& yaml) {
    auto notifier = read(yaml);
    INFO(errors.text());
    CHECK(errors.empty());
    REQUIRE(notifier);
    return notifier;
  }
  // The one error, without its place.
  std::string error_of(const std::string& yaml) {
    CHECK_FALSE(read(yaml));
    REQUIRE(errors.lines().size() == 1);
    const std::string line = errors.lines().front();
    return line.substr(line.find(": ") + 2);
  }
};

inline core::Message sample_message() {
  return {core::MessageKind::HandedOver,
          "Needs a person: collector/orders@sh-01",
          {{"alert", "CollectorDown"}, {"outcome", "磁盘满"}}};
}

inline DeliveryAnswer deliver(Notifier& notifier, const core::Message& message = sample_message()) {
  return notifier.deliver(7, message, {});
}

}  // namespace fieldmedic
