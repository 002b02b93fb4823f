// A netlink socket, as questions to the kernel and as a subscription to its events. Needs no
// privilege; sees the network namespace that the process runs in only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "common/result.hpp"
#include "exporter/netlink/message.hpp"

struct mnl_socket;
struct nlmsghdr;

namespace fieldmedic {

// Never waits: the kernel answers a question while it is sent. Not thread-safe; descriptor() may be
// polled by another thread.
class NetlinkSocket {
 public:
  enum class Protocol { SocketDiagnosis, Routing };

  // `groups` is a set of multicast groups, each as 1 << (number - 1). Errc::Denied,
  // Errc::Unavailable (this kernel has no such protocol).
  [[nodiscard]] static Result<NetlinkSocket> open(Protocol protocol, std::uint32_t groups = 0);

  // Sends `request`, whose sequence number is set here, and hands the messages of the answer to
  // `use`; `between`, where there is one, is called after each datagram. Errors as read_answer(),
  // Errc::TooLarge for an answer without end. After an error the rest of the answer is lost to the
  // next question, which skips it by its sequence number.
  [[nodiscard]] Status ask(nlmsghdr& request,
                           const std::function<Status(const NetlinkMessage&)>& use,
                           const std::function<void()>& between = {});

  // The next datagram, valid until the next call; empty when none waits. Errc::Full: the kernel
  // dropped some, since they were not read in time.
  [[nodiscard]] Result<ByteView> receive();

  // Makes room for events that are not read yet, as far as the host allows it.
  void reserve_room(std::size_t bytes);

  // How many datagrams the kernel dropped since this socket was opened.
  [[nodiscard]] Result<std::uint32_t> dropped() const;

  [[nodiscard]] int descriptor() const;

 private:
  struct CloseSocket {
    void operator()(mnl_socket* socket) const;
  };
  explicit NetlinkSocket(mnl_socket* socket);

  std::unique_ptr<mnl_socket, CloseSocket> socket_;
  std::vector<std::byte> datagram_;
  std::uint32_t sequence_ = 0;
};

}  // namespace fieldmedic
