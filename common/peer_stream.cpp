#include "common/peer_stream.hpp"

#include <sys/socket.h>

#include <cerrno>
#include <utility>

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include "common/log.hpp"
#include "common/pem_files.hpp"

namespace fieldmedic {
namespace {

constexpr std::size_t kMaxThrownAway = 8 << 20;

std::size_t receive(int fd, char* data, std::size_t size) {
  ssize_t got = 0;
  do {
    got = recv(fd, data, size, 0);
  } while (got < 0 && errno == EINTR);
  return got > 0 ? static_cast<std::size_t>(got) : 0;
}

}  // namespace

void PeerStream::FreeSession::operator()(ssl_st* session) const {
  SSL_free(session);
}

PeerStream::PeerStream(WatchedSocket& socket, std::shared_ptr<const TlsServerContext> tls)
    : socket_(socket), tls_(std::move(tls)) {
  if (tls_) {
    session_.reset(SSL_new(tls_->get()));
    SSL_set_fd(session_.get(), socket_.fd());
  }
}

PeerStream::~PeerStream() = default;

bool PeerStream::handshake() {
  if (!tls_) return true;
  ERR_clear_error();
  if (session_ && SSL_accept(session_.get()) == 1) return true;
  const bool plain_http = ERR_GET_REASON(ERR_peek_error()) == SSL_R_HTTP_REQUEST;
  log::debug(fmt::format("http server: no TLS with {}: {}", socket_.remote(), openssl_reason()));
  session_.reset();  // OpenSSL has sent its alert
  if (plain_http) {
    (void)write_plain(
        "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\n"
        "Content-Length: 55\r\nConnection: close\r\n\r\n"
        "this server speaks TLS: ask it with https://, not http\n");
  }
  finish();
  return false;
}

std::size_t PeerStream::read(char* data, std::size_t size) {
  if (!session_) return receive(socket_.fd(), data, size);
  std::size_t got = 0;
  ERR_clear_error();
  return SSL_read_ex(session_.get(), data, size, &got) == 1 ? got : 0;
}

bool PeerStream::write(std::string_view data) {
  if (!session_) return write_plain(data);
  std::size_t written = 0;
  ERR_clear_error();
  return SSL_write_ex(session_.get(), data.data(), data.size(), &written) == 1;
}

bool PeerStream::write_plain(std::string_view data) {
  while (!data.empty()) {
    const ssize_t sent = send(socket_.fd(), data.data(), data.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return false;
    data.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

void PeerStream::finish() {
  if (session_) {
    ERR_clear_error();
    SSL_shutdown(session_.get());
  }
  shutdown(socket_.fd(), SHUT_WR);
  char buffer[16 * 1024];
  for (std::size_t total = 0; total < kMaxThrownAway;) {
    const std::size_t got = receive(socket_.fd(), buffer, sizeof buffer);
    if (got == 0) return;
    total += got;
  }
}

}  // namespace fieldmedic
