#include "common/http_exchange.hpp"

#include <algorithm>

#include <civetweb.h>
#include <fmt/format.h>

namespace fieldmedic {
namespace {

constexpr std::size_t kFirstRead = 1 << 20;   // memory is taken as bytes come, not as announced
constexpr std::size_t kMaxDrain = 8 << 20;    // of a body that nobody wants
constexpr std::size_t kOneWrite = 64 * 1024;  // header and body of an answer go out together

bool contains_word(std::string_view text, std::string_view word) {
  return std::ranges::search(text, word, [](char a, char b) { return (a | 0x20) == b; }).begin() !=
         text.end();
}

}  // namespace

HttpExchange::HttpExchange(mg_connection& connection, ConnectionWatch& watch)
    : connection_(connection),
      info_(*mg_get_request_info(&connection)),
      watch_(watch),
      remote_(fmt::format("{}:{}", info_.remote_addr, info_.remote_port)) {
  watch_.disarm(&connection_);  // the request is here, what follows is our own time
}

ServerRequest HttpExchange::request() const {
  ServerRequest request;
  request.method = info_.request_method;
  request.path = info_.local_uri;
  request.query = info_.query_string == nullptr ? "" : info_.query_string;
  request.remote = remote_;
  request.header = [this](std::string_view name) { return header(std::string(name).c_str()); };
  return request;
}

std::string_view HttpExchange::header(const char* name) const {
  const char* value = mg_get_header(&connection_, name);
  return value == nullptr ? std::string_view{} : std::string_view(value);
}

std::size_t HttpExchange::announced() const {
  return info_.content_length > 0 ? static_cast<std::size_t>(info_.content_length) : 0;
}

// civetweb has refused every other transfer coding with 400.
bool HttpExchange::is_chunked() const {
  return contains_word(header("Transfer-Encoding"), "chunked");
}

bool HttpExchange::wants_continue() const {
  return contains_word(header("Expect"), "100-continue");
}

HttpExchange::Body HttpExchange::read_body(std::size_t limit, std::string& body) {
  const bool chunked = is_chunked();
  if (!chunked && announced() > limit) return Body::TooLarge;
  if (!chunked && announced() == 0) {
    body_was_read_ = true;
    return Body::Complete;
  }
  watch_.arm(&connection_, remote_);
  if (wants_continue()) mg_printf(&connection_, "HTTP/1.1 100 Continue\r\n\r\n");
  const Body result = chunked ? read_chunks(limit, body) : read_announced(body);
  watch_.disarm(&connection_);
  body_was_read_ = result == Body::Complete;
  return result;
}

HttpExchange::Body HttpExchange::read_announced(std::string& body) {
  const std::size_t total = announced();
  std::size_t size = 0;
  while (size < total) {
    body.resize(std::min(total, std::max(kFirstRead, 2 * size)));
    const int got = mg_read(&connection_, body.data() + size, body.size() - size);
    if (got <= 0) return Body::Broken;
    size += static_cast<std::size_t>(got);
  }
  return Body::Complete;
}

HttpExchange::Body HttpExchange::read_chunks(std::size_t limit, std::string& body) {
  char buffer[16 * 1024];
  while (true) {
    const int got = mg_read(&connection_, buffer, sizeof buffer);
    if (got < 0) return Body::Broken;
    if (got == 0) return Body::Complete;
    if (body.size() + static_cast<std::size_t>(got) > limit) return Body::TooLarge;
    body.append(buffer, static_cast<std::size_t>(got));
  }
}

// The rule civetweb follows, so that our Connection header says what it will do.
HttpExchange::Wish HttpExchange::wish() const {
  const std::string_view connection = header("Connection");
  const bool keep = connection.empty() ? std::string_view(info_.http_version) == "1.1"
                                       : contains_word(connection, "keep-alive");
  return keep ? Wish::Keep : Wish::Close;
}

void HttpExchange::respond(const ServerResponse& response) {
  const bool unread = !body_was_read_ && (announced() != 0 || is_chunked());
  const bool close = unread || wish() == Wish::Close || watch_.crowded();
  if (close) mg_disable_connection_keep_alive(&connection_);
  std::string text =
      fmt::format("HTTP/1.1 {} {}\r\nContent-Type: {}\r\nContent-Length: {}\r\nConnection: {}\r\n",
                  response.status, mg_get_response_code_text(&connection_, response.status),
                  response.content_type, response.body.size(), close ? "close" : "keep-alive");
  for (const auto& [name, value] : response.headers) {
    text.append(name).append(": ").append(value).append("\r\n");
  }
  text += "\r\n";
  const bool with_body = std::string_view(info_.request_method) != "HEAD";
  const bool together = with_body && response.body.size() <= kOneWrite;
  if (together) text += response.body;
  watch_.arm(&connection_, remote_);  // the peer may read slowly
  const bool sent = mg_write(&connection_, text.data(), text.size()) > 0;
  if (sent && with_body && !together) {
    mg_write(&connection_, response.body.data(), response.body.size());
  }
  if (unread && !wants_continue()) drain();
  // Now we wait for the next request; closing disarms if there is none.
  watch_.arm(&connection_, remote_);
}

// A peer that still sends when we close gets a reset, which may overtake our answer.
void HttpExchange::drain() {
  char buffer[16 * 1024];
  for (std::size_t total = 0; total < kMaxDrain;) {
    const int got = mg_read(&connection_, buffer, sizeof buffer);
    if (got <= 0) return;
    total += static_cast<std::size_t>(got);
  }
}

}  // namespace fieldmedic
