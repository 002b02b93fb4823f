// A server that takes a session and then tells lengths of what it does not send.
#include <sys/socket.h>

#include <string>
#include <thread>

#include "common/file_descriptor.hpp"
#include "remediator/reach/zookeeper.hpp"
#include "tests/catch.hpp"
#include "tests/fakes/loopback_listener.hpp"

namespace fieldmedic {

namespace {

std::string int32_of(std::uint32_t number) {
  std::string bytes;
  for (const int shift : {24, 16, 8, 0}) bytes += static_cast<char>(number >> shift & 0xFFU);
  return bytes;
}

std::string framed(const std::string& text) {
  return int32_of(static_cast<std::uint32_t>(text.size())) + text;
}

// Of protocol 0, with a session of 6 s, its id and its password.
std::string session() {
  return framed(int32_of(0) + int32_of(6'000) + std::string(8, '\1') + int32_of(16) +
                std::string(16, 'p') + std::string(1, '\0'));
}

// To the request that begins with `xid`: done, and then nothing but lengths.
std::string lengths_for(const std::string& xid) {
  std::string lengths;
  for (int count = 0; count < 8; ++count) lengths += int32_of(0x7FFFFFFF);
  return framed(xid + std::string(7, '\0') + '\5' + int32_of(0) + lengths);
}

void send_all(int socket, const std::string& text) {
  static_cast<void>(send(socket, text.data(), text.size(), MSG_NOSIGNAL));
}

// Until the client goes.
void lie(int listener) {
  const FileDescriptor client(accept4(listener, nullptr, nullptr, SOCK_CLOEXEC));
  std::string got(4096, '\0');
  if (recv(client.get(), got.data(), got.size(), 0) <= 0) return;
  send_all(client.get(), session());
  for (;;) {
    const ssize_t size = recv(client.get(), got.data(), got.size(), 0);
    if (size < 8) return;
    send_all(client.get(), lengths_for(got.substr(4, 4)));
  }
}

}  // namespace

TEST_CASE("zookeeper: a length without what it is of is no answer") {
  const LoopbackListener listener;
  listener.listen(1);
  const std::jthread server(lie, listener.descriptor());
  auto opened =
      ZookeeperSession::open({{listener.address()}, "", ""}, std::chrono::seconds(20), {});
  REQUIRE(opened);
  const auto node = opened->get("/leader");
  REQUIRE_FALSE(node);
  CHECK(node.error().code == Errc::Timeout);
}

}  // namespace fieldmedic
