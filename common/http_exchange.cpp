#include "common/http_exchange.hpp"

#include <algorithm>
#include <iterator>
#include <limits>

#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/status.hpp>
#include <boost/beast/http/string_body.hpp>
#include <fmt/format.h>

#include "common/http_routes.hpp"

namespace fieldmedic {
namespace http = boost::beast::http;
namespace {

constexpr std::uint32_t kMaxHead = 16 * 1024;  // request line and headers
constexpr std::ptrdiff_t kMaxHeaders = 100;
constexpr std::size_t kOneRead = 16 * 1024;
constexpr std::size_t kOneWrite = 64 * 1024;  // header and body of an answer go out together
constexpr std::uint64_t kNoLimit = std::numeric_limits<std::uint64_t>::max();

std::string_view view(boost::beast::string_view text) {
  return {text.data(), text.size()};
}

bool contains_word(std::string_view text, std::string_view word) {
  return !std::ranges::search(text, word, [](char a, char b) { return (a | 0x20) == b; }).empty();
}

}  // namespace

struct HttpExchange::Parser : http::request_parser<http::string_body> {
  Parser() {
    header_limit(kMaxHead);
    body_limit(kNoLimit);  // read_body knows better, once the route is known
  }
};

HttpExchange::HttpExchange(HttpConnection& connection)
    : connection_(connection), parser_(std::make_unique<Parser>()) {}

HttpExchange::~HttpExchange() = default;

bool HttpExchange::read_more() {
  std::string& ahead = connection_.ahead;
  const std::size_t before = ahead.size();
  // What the parser leaves lying is an unfinished head or chunk header.
  if (before > kMaxHead) return false;
  std::size_t got = 0;
  ahead.resize_and_overwrite(before + kOneRead, [&](char* data, std::size_t) {
    got = connection_.stream.read(data + before, kOneRead);
    return before + got;
  });
  return got > 0;
}

HttpExchange::Head HttpExchange::read_head() {
  bool begun = false;
  while (true) {
    if (!connection_.ahead.empty()) {
      boost::system::error_code error;
      const std::size_t used = parser_->put(
          boost::asio::const_buffer(connection_.ahead.data(), connection_.ahead.size()), error);
      connection_.ahead.erase(0, used);
      if (error && error != http::error::need_more) {
        return refuse(error == http::error::header_limit ? 431 : 400);
      }
      if (parser_->is_header_done()) break;
      // Until now it may have been idle; from its first byte on it has this long.
      if (!begun) connection_.socket.arm(connection_.patience);
      begun = true;
    }
    if (!read_more()) return Head::Gone;
  }
  connection_.socket.disarm();  // the request is here, what follows is our own time
  return check_head();
}

HttpExchange::Head HttpExchange::refuse(int status) {
  refusal_ = status;
  return Head::Refused;
}

HttpExchange::Head HttpExchange::check_head() {
  const auto& head = parser_->get();
  if (std::distance(head.begin(), head.end()) > kMaxHeaders) return refuse(431);
  if (head.version() == 11 && head.find(http::field::host) == head.end()) return refuse(400);
  const bool coded = head.find(http::field::transfer_encoding) != head.end();
  if (coded && !parser_->chunked()) return refuse(501);
  const auto target = split_target(view(head.target()));
  if (!target) return refuse(400);
  path_ = decode_path(target->path);
  query_ = target->query;
  return Head::Ready;
}

ServerRequest HttpExchange::request() const {
  ServerRequest request;
  request.method = view(parser_->get().method_string());
  request.path = path_;
  request.query = query_;
  request.remote = connection_.socket.remote();
  request.header = [this](std::string_view name) { return header(name); };
  return request;
}

std::string_view HttpExchange::header(std::string_view name) const {
  return view(parser_->get()[boost::beast::string_view(name.data(), name.size())]);
}

std::string_view HttpExchange::body() const {
  return parser_->get().body();
}

std::size_t HttpExchange::announced() const {
  return parser_->content_length().value_or(0);
}

bool HttpExchange::wants_continue() const {
  return contains_word(header("Expect"), "100-continue");
}

// The parser reserves what is announced; the kernel gives memory as bytes come.
HttpExchange::Body HttpExchange::read_body(std::size_t limit) {
  if (announced() > limit) return Body::TooLarge;
  if (parser_->is_done()) return Body::Complete;
  if (limit == 0) return Body::TooLarge;  // chunked: not even an empty one is waited for
  parser_->body_limit(limit);
  connection_.socket.arm(connection_.patience);
  if (wants_continue() && !connection_.stream.write("HTTP/1.1 100 Continue\r\n\r\n")) {
    return Body::Broken;
  }
  while (!parser_->is_done()) {
    if (connection_.ahead.empty() && !read_more()) return Body::Broken;
    boost::system::error_code error;
    const std::size_t used = parser_->put(
        boost::asio::const_buffer(connection_.ahead.data(), connection_.ahead.size()), error);
    connection_.ahead.erase(0, used);
    if (error == http::error::body_limit) return Body::TooLarge;
    if (error == http::error::need_more) {
      if (!read_more()) return Body::Broken;
    } else if (error) {
      return Body::Broken;
    }
  }
  connection_.socket.disarm();
  return Body::Complete;
}

HttpExchange::Then HttpExchange::respond(const ServerResponse& response,
                                         const ServerHeaders& more) {
  const bool whole = parser_->is_done() && refusal_ == 0;
  const bool keep = whole && parser_->keep_alive() && !connection_.socket.server_stops();
  std::string text = fmt::format(
      "HTTP/1.1 {} {}\r\nContent-Type: {}\r\nContent-Length: {}\r\nConnection: {}\r\n",
      response.status, view(http::obsolete_reason(static_cast<http::status>(response.status))),
      response.content_type, response.body.size(), keep ? "keep-alive" : "close");
  for (const auto* headers : {&response.headers, &more}) {
    for (const auto& [name, value] : *headers) {
      text.append(name).append(": ").append(value).append("\r\n");
    }
  }
  text += "\r\n";
  const bool with_body = parser_->get().method() != http::verb::head;
  const bool together = with_body && response.body.size() <= kOneWrite;
  if (together) text += response.body;
  connection_.socket.arm(connection_.patience);  // the peer may read slowly
  bool sent = connection_.stream.write(text);
  if (sent && with_body && !together) sent = connection_.stream.write(response.body);
  if (!sent) return Then::Close;
  if (keep) {
    connection_.socket.arm(connection_.idle);
    return Then::NextRequest;
  }
  connection_.stream.finish();
  return Then::Close;
}

}  // namespace fieldmedic
