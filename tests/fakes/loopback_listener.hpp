// A TCP socket on 127.0.0.1 at a port of the kernel's choice.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <string>

#include "common/file_descriptor.hpp"

namespace fieldmedic {

class LoopbackListener {
 public:
  LoopbackListener() : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    const auto named = bind(socket_.get(), reinterpret_cast<const sockaddr*>(&address), size);
    getsockname(socket_.get(), reinterpret_cast<sockaddr*>(&address), &size);
    if (named == 0) port_ = ntohs(address.sin_port);
  }
  // Until then connecting is refused, and the port stays ours.
  void listen(int backlog) const { ::listen(socket_.get(), backlog); }
  [[nodiscard]] std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
  [[nodiscard]] int descriptor() const { return socket_.get(); }

 private:
  FileDescriptor socket_;
  int port_ = 0;
};

}  // namespace fieldmedic
