// One request and its answer on a civetweb connection: reads the body within bounds, writes the
// response, and decides whether the connection is kept.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "common/connection_watch.hpp"
#include "common/http_server.hpp"

struct mg_connection;
struct mg_request_info;

namespace fieldmedic {

// Lives as long as one request, on the thread that serves it.
class HttpExchange {
 public:
  HttpExchange(mg_connection& connection, ConnectionWatch& watch);

  // Everything but body and user. Views stay valid as long as this object.
  [[nodiscard]] ServerRequest request() const;
  [[nodiscard]] std::string_view header(const char* name) const;

  // Broken: the peer went away, was too slow, or its chunks cannot be read.
  enum class Body { Complete, TooLarge, Broken };
  [[nodiscard]] Body read_body(std::size_t limit, std::string& body);
  // The Content-Length, or 0 when there is none.
  [[nodiscard]] std::size_t announced() const;

  void respond(const ServerResponse& response);

 private:
  enum class Wish { Keep, Close };
  [[nodiscard]] Wish wish() const;
  [[nodiscard]] bool is_chunked() const;
  [[nodiscard]] bool wants_continue() const;
  [[nodiscard]] Body read_announced(std::string& body);
  [[nodiscard]] Body read_chunks(std::size_t limit, std::string& body);
  void drain();

  mg_connection& connection_;
  const mg_request_info& info_;
  ConnectionWatch& watch_;
  std::string remote_;
  bool body_was_read_ = false;
};

}  // namespace fieldmedic
