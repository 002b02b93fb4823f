#include "exporter/collector/port.hpp"

#include <arpa/inet.h>
#include <sys/socket.h>

#include "common/file_descriptor.hpp"
#include "tests/catch.hpp"
#include "tests/fakes/samples.hpp"

namespace fieldmedic {
namespace {

// A bound TCP socket on a free port.
struct Bound {
  FileDescriptor socket;
  std::uint16_t port = 0;
};

Bound bind_v4(const char* address) {
  Bound bound{FileDescriptor(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)), 0};
  sockaddr_in name{};
  name.sin_family = AF_INET;
  REQUIRE(inet_pton(AF_INET, address, &name.sin_addr) == 1);
  socklen_t size = sizeof name;
  auto* generic = reinterpret_cast<sockaddr*>(&name);
  REQUIRE(bind(bound.socket.get(), generic, size) == 0);
  REQUIRE(getsockname(bound.socket.get(), generic, &size) == 0);
  bound.port = ntohs(name.sin_port);
  return bound;
}

// A wildcard IPv6 socket; without a descriptor where there is no IPv6.
Bound bind_v6(int v6_only) {
  Bound bound{FileDescriptor(::socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0)), 0};
  sockaddr_in6 name{};
  name.sin6_family = AF_INET6;
  socklen_t size = sizeof name;
  auto* generic = reinterpret_cast<sockaddr*>(&name);
  setsockopt(bound.socket.get(), IPPROTO_IPV6, IPV6_V6ONLY, &v6_only, sizeof v6_only);
  if (bind(bound.socket.get(), generic, size) != 0) return {};
  REQUIRE(getsockname(bound.socket.get(), generic, &size) == 0);
  bound.port = ntohs(name.sin6_port);
  return bound;
}

std::optional<double> listening(PortModule& module, const std::string& address) {
  return sample(module.collect({}), "collector_port_listening", "orders", address);
}

PortModule module_for(const std::vector<std::string>& ports) {
  return PortModule({{.name = "orders", .process = {}, .ports = ports, .success = {}, .log = {}}});
}

TEST_CASE("port module: a real port is seen to open and to close") {
  auto bound = bind_v4("127.0.0.1");
  const auto address = "127.0.0.1:" + std::to_string(bound.port);
  const auto other = "127.0.0.2:" + std::to_string(bound.port);
  auto module = module_for({address, other});
  CHECK(listening(module, address) == 0);  // bound, not listening
  REQUIRE(listen(bound.socket.get(), 1) == 0);
  CHECK(listening(module, address) == 1);
  CHECK(listening(module, other) == 0);
  bound.socket = FileDescriptor();
  CHECK(listening(module, address) == 0);
}

TEST_CASE("port module: a wildcard socket serves every address of its port") {
  const auto bound = bind_v4("0.0.0.0");
  REQUIRE(listen(bound.socket.get(), 1) == 0);
  const auto port = std::to_string(bound.port);
  auto module = module_for({"127.0.0.1:" + port, "10.1.2.3:" + port, "[::1]:" + port});
  CHECK(listening(module, "127.0.0.1:" + port) == 1);
  CHECK(listening(module, "10.1.2.3:" + port) == 1);
  CHECK(listening(module, "[::1]:" + port) == 0);
}

TEST_CASE("port module: an IPv6 wildcard serves IPv4 unless it is told not to") {
  const auto both = bind_v6(0);
  const auto only = bind_v6(1);
  if (!both.socket || !only.socket) {
    puts("SKIP: no IPv6 here");
    return;
  }
  REQUIRE(listen(both.socket.get(), 1) == 0);
  REQUIRE(listen(only.socket.get(), 1) == 0);
  const auto v4_both = "127.0.0.1:" + std::to_string(both.port);
  const auto v4_only = "127.0.0.1:" + std::to_string(only.port);
  const auto v6_only = "[::1]:" + std::to_string(only.port);
  auto module = module_for({v4_both, v4_only, v6_only});
  CHECK(listening(module, v4_both) == 1);
  CHECK(listening(module, v4_only) == 0);
  CHECK(listening(module, v6_only) == 1);
}

TEST_CASE("port module: hundreds of listeners are all seen") {
  std::vector<Bound> bound;
  std::vector<std::string> addresses;
  for (int i = 0; i < 400; ++i) {  // more than one datagram of the dump
    bound.push_back(bind_v4("127.0.0.1"));
    REQUIRE(listen(bound.back().socket.get(), 1) == 0);
    addresses.push_back("127.0.0.1:" + std::to_string(bound.back().port));
  }
  auto module = module_for(addresses);
  const auto families = module.collect({});
  for (const auto& address : addresses) {
    REQUIRE(sample(families, "collector_port_listening", "orders", address) == 1);
  }
}

}  // namespace
}  // namespace fieldmedic
