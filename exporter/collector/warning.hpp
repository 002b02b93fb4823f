// How a collector module tells people what costs no family but has to be put right.
#pragma once

#include <functional>
#include <map>
#include <string>

namespace fieldmedic {

// One line, never a secret. Called by the module's own thread.
using Warn = std::function<void(const std::string& message)>;

// Tells each message once for a subject until the subject is well again. Not thread-safe.
class WarnOnce {
 public:
  explicit WarnOnce(Warn warn) : warn_(std::move(warn)) {}

  void bad(const std::string& subject, const std::string& message) {
    if (told_.emplace(subject, message).second) warn_(message);
  }
  void well(const std::string& subject) { told_.erase(subject); }

 private:
  Warn warn_;
  std::map<std::string, std::string> told_;
};

}  // namespace fieldmedic
