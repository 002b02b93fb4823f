#include "remediator/reach/far_listeners.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <optional>
#include <utility>

#include <fmt/core.h>

#include "common/quote.hpp"
#include "remediator/reach/far_look.hpp"

namespace fieldmedic {

namespace {

constexpr std::chrono::seconds kAnswer{10};
constexpr std::size_t kMostOutput = 1024uz * 1024;

std::string_view next_word(std::string_view& line) {
  line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
  const std::string_view word = line.substr(0, line.find(' '));
  line.remove_prefix(word.size());
  return word;
}

template <class Number>
bool read_number(std::string_view text, Number& value) {
  const char* const end = std::to_address(text.end());
  const auto [at, error] = std::from_chars(std::to_address(text.begin()), end, value);
  return error == std::errc{} && at == end;
}

// "[::1]", "127.0.0.53%lo".
std::string plain_host(std::string_view text) {
  text = text.substr(0, text.find('%'));
  if (text.starts_with('[')) text.remove_prefix(1);
  if (text.ends_with(']')) text.remove_suffix(1);
  return std::string(text);
}

// "LISTEN 0 128 127.0.0.1:5514 0.0.0.0:*".
std::optional<Listener> parse_line(std::string_view line) {
  if (next_word(line) != "LISTEN") return std::nullopt;
  Listener listener;
  if (!read_number(next_word(line), listener.waiting)) return std::nullopt;
  if (!read_number(next_word(line), listener.most)) return std::nullopt;
  const std::string_view local = next_word(line);
  const std::size_t colon = local.rfind(':');
  if (colon == std::string_view::npos || !read_number(local.substr(colon + 1), listener.port))
    return std::nullopt;
  listener.host = plain_host(local.substr(0, colon));
  return listener;
}

// As IPv6 has it; an IPv4 number as the mapped one.
std::optional<in6_addr> number_of(const std::string& host) {
  in6_addr six{};
  if (inet_pton(AF_INET6, host.c_str(), &six) == 1) return six;
  if (inet_pton(AF_INET6, ("::ffff:" + host).c_str(), &six) == 1) return six;
  return std::nullopt;
}

bool takes(const Listener& listener, const std::string& host) {
  if (listener.host == "*") return true;
  const auto wanted = number_of(host);
  const auto here = number_of(listener.host);
  if (!wanted || !here) return false;
  if (listener.host == "0.0.0.0") return IN6_IS_ADDR_V4MAPPED(&*wanted);
  if (listener.host == "::") return !IN6_IS_ADDR_V4MAPPED(&*wanted);
  return std::memcmp(&*wanted, &*here, sizeof *wanted) == 0;
}

}  // namespace

Command ask_listeners() {
  Command command;
  command.argv = {"ss", "-Hltn"};
  command.timeout = kAnswer;
  command.output_limit = kMostOutput;
  return killed_in_time(std::move(command));
}

Result<std::vector<Listener>> parse_listeners(std::string_view text) {
  std::vector<Listener> listeners;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const auto listener = parse_line(text.substr(0, end));
    if (!listener)
      return fail(Errc::Malformed,
                  fmt::format("ss over there prints {}", quote(text.substr(0, end))));
    listeners.push_back(*listener);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return listeners;
}

const Listener* listener_of(const Address& address, const std::vector<Listener>& listeners) {
  // A connection to all addresses is one to loopback.
  std::string host = address.host;
  if (host.empty() || host == "0.0.0.0") host = "127.0.0.1";
  if (host == "::") host = "::1";
  const auto found = std::ranges::find_if(listeners, [&](const Listener& listener) {
    return listener.port == address.port && takes(listener, host);
  });
  return found == listeners.end() ? nullptr : &*found;
}

}  // namespace fieldmedic
