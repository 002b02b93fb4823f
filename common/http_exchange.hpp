// One request and its answer on a connection (HTTP/1.1 by Boost.Beast's parser): reads within
// bounds, writes the response, and says whether the connection is kept.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "common/connection_watch.hpp"
#include "common/http_server.hpp"
#include "common/peer_stream.hpp"

namespace fieldmedic {

// What the exchanges of one connection share.
struct HttpConnection {
  WatchedSocket& socket;
  PeerStream& stream;
  std::chrono::milliseconds patience;  // for a header, a body, a response to be taken
  std::chrono::milliseconds idle;      // between two requests
  std::string ahead;                   // read and not yet parsed
};

// Lives as long as one request, on the thread that serves it. The watch is armed at its beginning
// and after respond(), by the patience of what comes next.
class HttpExchange {
 public:
  explicit HttpExchange(HttpConnection& connection);
  ~HttpExchange();
  HttpExchange(const HttpExchange&) = delete;
  HttpExchange& operator=(const HttpExchange&) = delete;

  // What to do: handle it, answer this status (it cannot be handled), or nothing, the peer is gone.
  enum class Head { Ready, Refused, Gone };
  [[nodiscard]] Head read_head();
  [[nodiscard]] int refusal() const { return refusal_; }  // 400, 431 or 501

  // Everything but body and user. Views stay valid as long as this object.
  [[nodiscard]] ServerRequest request() const;
  [[nodiscard]] std::string_view header(std::string_view name) const;

  // Broken: the peer went away, was too slow, or its chunks cannot be read.
  enum class Body { Complete, TooLarge, Broken };
  [[nodiscard]] Body read_body(std::size_t limit);
  [[nodiscard]] std::string_view body() const;
  // The Content-Length, or 0 when there is none.
  [[nodiscard]] std::size_t announced() const;

  enum class Then { NextRequest, Close };
  // `more` stands behind the response's own headers.
  [[nodiscard]] Then respond(const ServerResponse& response, const ServerHeaders& more);

 private:
  struct Parser;

  [[nodiscard]] bool read_more();
  [[nodiscard]] Head refuse(int status);
  [[nodiscard]] Head check_head();
  [[nodiscard]] bool wants_continue() const;

  HttpConnection& connection_;
  std::unique_ptr<Parser> parser_;
  std::string path_;
  std::string_view query_;
  int refusal_ = 0;
};

}  // namespace fieldmedic
