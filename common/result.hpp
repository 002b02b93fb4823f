// The one result type of the project, and the one error type that travels in it.
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <utility>

namespace fieldmedic {

// What went wrong, as far as a caller handles it differently; the message is for people.
enum class Errc {
  Invalid,      // what the caller asked makes no sense (configuration, arguments)
  Malformed,    // what the outside sent cannot be read
  NotFound,     // the thing asked for is not there
  Denied,       // permission or credentials refused
  Conflict,     // the world is not as expected (pid reused, head moved)
  Unavailable,  // the other side cannot be reached or does not serve now
  Timeout,      // no answer in time: the outcome is unknown
  TooLarge,     // a bound of ours was exceeded
  Full,         // no room: disk, queue
  Io,           // read, write or sync failed: what was written cannot be trusted
  Cancelled,    // we were told to stop
};

// The name used in logs and metric labels, for example "timeout".
[[nodiscard]] constexpr std::string_view to_string(Errc code) {
  switch (code) {
    case Errc::Invalid: return "invalid";
    case Errc::Malformed: return "malformed";
    case Errc::NotFound: return "not_found";
    case Errc::Denied: return "denied";
    case Errc::Conflict: return "conflict";
    case Errc::Unavailable: return "unavailable";
    case Errc::Timeout: return "timeout";
    case Errc::TooLarge: return "too_large";
    case Errc::Full: return "full";
    case Errc::Io: return "io";
    case Errc::Cancelled: return "cancelled";
  }
  return "invalid";
}

struct Error {
  Errc code = Errc::Invalid;
  std::string message;  // one line, for people, never a secret

  friend bool operator==(const Error&, const Error&) = default;
};

template <class T>
using Result = std::expected<T, Error>;
using Status = std::expected<void, Error>;

// `return fail(Errc::NotFound, "no unit orders.service");`
[[nodiscard]] inline std::unexpected<Error> fail(Errc code, std::string message) {
  return std::unexpected<Error>(Error{code, std::move(message)});
}

[[nodiscard]] inline std::unexpected<Error> fail(Error error) {
  return std::unexpected<Error>(std::move(error));
}

// Adds what was being done: wrap(e, "restart orders.service") reads "restart orders.service: …".
[[nodiscard]] inline std::unexpected<Error> wrap(Error error, std::string_view doing) {
  error.message.insert(0, ": ").insert(0, doing);
  return std::unexpected<Error>(std::move(error));
}

}  // namespace fieldmedic
