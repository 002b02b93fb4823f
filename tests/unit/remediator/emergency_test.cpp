#include "remediator/emergency.hpp"

#include <algorithm>
#include <condition_variable>

#include "tests/catch.hpp"
#include "tests/fakes/eventually.hpp"
#include "tests/fakes/manual_clock.hpp"

namespace fieldmedic {
namespace {

using namespace std::chrono_literals;

class Recorder final : public Notifier {
 public:
  DeliveryAnswer deliver(core::MessageId, const core::Message& message, std::stop_token) override {
    const std::lock_guard lock(mutex_);
    details_.push_back(message.fields.at(0).second);
    return {};
  }
  std::vector<std::string> details() {
    const std::lock_guard lock(mutex_);
    return details_;
  }

 private:
  std::mutex mutex_;
  std::vector<std::string> details_;
};

// Answers only when told to stop.
class Silent final : public Notifier {
 public:
  DeliveryAnswer deliver(core::MessageId, const core::Message&, std::stop_token stop) override {
    std::mutex mutex;
    std::condition_variable_any never;
    std::unique_lock lock(mutex);
    never.wait(lock, stop, [] { return false; });
    return {};
  }
};

}  // namespace

TEST_CASE("a refusing journal is told of once in ten minutes and a broken one always") {
  const auto person = std::make_shared<Recorder>();
  ManualClock clock;
  Emergency emergency(clock, [&] { return std::vector<Channel>{{"test", person}}; });
  emergency.refusing("full");
  emergency.refusing("still full");
  emergency.broken("checksum");
  // Delivered by the time it returns: the process is about to end.
  const auto now = person->details();
  CHECK(std::ranges::count(now, "checksum") == 1);
  REQUIRE(eventually([&] { return person->details().size() == 2; }));
  CHECK(std::ranges::count(person->details(), "full") == 1);
  clock.advance(10min);
  emergency.refusing("full again");
  CHECK(eventually([&] { return person->details().size() == 3; }));
}

TEST_CASE("a broken journal is told to every channel and waits for none for ever") {
  const auto person = std::make_shared<Recorder>();
  const auto silent = std::make_shared<Silent>();
  ManualClock clock;
  Emergency emergency(
      clock, [&] { return std::vector<Channel>{{"silent", silent}, {"test", person}}; }, 1s);
  emergency.broken("checksum");
  CHECK(eventually([&] { return person->details() == std::vector<std::string>{"checksum"}; }));
}

}  // namespace fieldmedic
