// HTTP basic authentication against bcrypt hashes (RFC 7617; the hashes of Prometheus' web config).
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace fieldmedic {

// Thread-safe. A verified pair is remembered as an HMAC under a key of this process, so that bcrypt
// is paid once and no password is kept; at most 64 pairs. One bcrypt runs at a time, which bounds
// what a flood of guesses can burn.
class BasicAuthenticator {
 public:
  // Name -> bcrypt hash.
  explicit BasicAuthenticator(std::map<std::string, std::string, std::less<>> users);
  ~BasicAuthenticator();

  // Whose valid credentials an Authorization header holds. An unknown name costs one bcrypt too.
  [[nodiscard]] std::optional<std::string> authenticate(std::string_view authorization) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace fieldmedic
