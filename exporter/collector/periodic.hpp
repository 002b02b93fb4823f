// Something done again and again beside the scrapes.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <thread>

namespace fieldmedic {

class Periodic {
 public:
  // One turn, on the thread of the Periodic: what it uses must be its own, since it may outlive the
  // Periodic. Answers how long to wait for the next.
  using Turn = std::function<std::chrono::milliseconds()>;

  // The first turn begins at once.
  explicit Periodic(Turn turn);
  // No turn begins afterwards. Does not wait for one that is under way.
  ~Periodic();
  Periodic(const Periodic&) = delete;
  Periodic& operator=(const Periodic&) = delete;

 private:
  struct Shared;
  std::shared_ptr<Shared> shared_;
  std::thread thread_;
};

}  // namespace fieldmedic
