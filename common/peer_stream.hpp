// Bytes to and from a peer over a connected socket, plain or through TLS.
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>

#include "common/connection_watch.hpp"
#include "common/tls_server.hpp"

struct ssl_st;  // OpenSSL's SSL

namespace fieldmedic {

// Of the thread that serves the connection. Every call blocks until it is done or the socket's
// watch ends the connection; who calls arms the watch.
class PeerStream {
 public:
  // Without a context: plain.
  PeerStream(WatchedSocket& socket, std::shared_ptr<const TlsServerContext> tls);
  ~PeerStream();
  PeerStream(const PeerStream&) = delete;
  PeerStream& operator=(const PeerStream&) = delete;

  // Must come first. False: no TLS was agreed on; a peer that speaks plain HTTP to us was told so.
  [[nodiscard]] bool handshake();
  // How many bytes were read; 0: the peer has closed, or failed.
  [[nodiscard]] std::size_t read(char* data, std::size_t size);
  [[nodiscard]] bool write(std::string_view data);
  // Nothing more comes from us. What the peer still sends is thrown away, up to a bound: a socket
  // closed with unread data is reset, which may overtake our last answer.
  void finish();

 private:
  struct FreeSession {
    void operator()(ssl_st* session) const;
  };

  [[nodiscard]] bool write_plain(std::string_view data);

  WatchedSocket& socket_;
  const std::shared_ptr<const TlsServerContext> tls_;
  std::unique_ptr<ssl_st, FreeSession> session_;  // null: plain
};

}  // namespace fieldmedic
