#include "remediator/reach/ssh_session.hpp"

#include <poll.h>
#include <sys/eventfd.h>

#include <fmt/core.h>
#include <libssh/libssh.h>

#include "remediator/reach/tcp_connect.hpp"

namespace fieldmedic {

namespace {

// Packets handled in one go, so that a far side that prints endlessly holds nobody up.
constexpr int kMostAtOnce = 64;

struct KeyEnd {
  void operator()(ssh_key_struct* key) const { ssh_key_free(key); }
};
using Key = std::unique_ptr<ssh_key_struct, KeyEnd>;

std::string fingerprint(ssh_session session) {
  ssh_key raw = nullptr;
  if (ssh_get_server_publickey(session, &raw) != SSH_OK) return "(no key)";
  const Key key(raw);
  unsigned char* hash = nullptr;
  std::size_t size = 0;
  if (ssh_get_publickey_hash(raw, SSH_PUBLICKEY_HASH_SHA256, &hash, &size) != SSH_OK)
    return "(no key)";
  const std::unique_ptr<char, decltype([](char* text) { ssh_string_free_char(text); })> text(
      ssh_get_fingerprint_hash(SSH_PUBLICKEY_HASH_SHA256, hash, size));
  ssh_clean_pubkey_hash(&hash);
  return fmt::format("{} {}", ssh_key_type_to_char(ssh_key_type(raw)),
                     text == nullptr ? "(no hash)" : text.get());
}

std::unexpected<Error> say(Errc code, const SshAccess& access, std::string_view what) {
  return fail(code, fmt::format("SSH to {}: {}", access.name(), what));
}

}  // namespace

Result<std::shared_ptr<SshSession>> SshSession::connect(const SshAccess& access,
                                                        const Waiter& waiter) {
  auto socket = tcp_connect(access.address, access.port, waiter);
  if (!socket) return say(socket.error().code, access, socket.error().message);
  ssh_session made = ssh_new();
  if (made == nullptr) return say(Errc::Full, access, "out of memory");
  std::shared_ptr<SshSession> session(new SshSession(made));
  if (auto ready = session->set_up(access, socket->get()); !ready) return fail(ready.error());
  (void)socket->release();  // libssh closes it
  for (auto step : {&SshSession::greet, &SshSession::log_in}) {
    if (auto done = ((*session).*step)(access, waiter); !done) return fail(done.error());
  }
  session->event_ = ssh_event_new();
  ssh_set_counters(made, session->counter_.get(), nullptr);
  if (session->event_ == nullptr || ssh_event_add_session(session->event_, made) != SSH_OK)
    return say(Errc::Full, access, "out of memory");
  return session;
}

SshSession::SshSession(ssh_session_struct* session)
    : session_(session), counter_(std::make_unique<ssh_counter_struct>()) {}

SshSession::~SshSession() {
  if (event_ != nullptr) {
    ssh_event_remove_session(event_, session_);
    ssh_event_free(event_);
  }
  ssh_silent_disconnect(session_);
  ssh_free(session_);
}

// Nothing of this machine's user: neither its configuration, keys and agent nor its known hosts.
Status SshSession::set_up(const SshAccess& access, int socket) {
  const unsigned int port = access.port;
  const bool no = false;
  const auto set = [this](ssh_options_e option, const void* value) {
    return ssh_options_set(session_, option, value) == SSH_OK;
  };
  ssh_set_blocking(session_, 0);
  if (set(SSH_OPTIONS_PROCESS_CONFIG, &no) && set(SSH_OPTIONS_HOST, access.address.c_str()) &&
      set(SSH_OPTIONS_PORT, &port) && set(SSH_OPTIONS_USER, access.user.c_str()) &&
      set(SSH_OPTIONS_KNOWNHOSTS, access.known_hosts_file.c_str()) &&
      set(SSH_OPTIONS_GLOBAL_KNOWNHOSTS, "/dev/null") && set(SSH_OPTIONS_FD, &socket))
    return {};
  return say(Errc::Full, access, ssh_get_error(session_));
}

Status SshSession::wait(const SshAccess& access, const Waiter& waiter) const {
  pollfd polled{descriptor(), events(), 0};
  switch (waiter.wait({&polled, 1})) {
    case Waiter::Woke::Ready: return {};
    case Waiter::Woke::Deadline: return say(Errc::Unavailable, access, "no answer in time");
    case Waiter::Woke::Stopped: return say(Errc::Cancelled, access, "told to stop");
  }
  return {};
}

Status SshSession::greet(const SshAccess& access, const Waiter& waiter) {
  for (;;) {
    const int connected = ssh_connect(session_);
    if (connected == SSH_OK) return know(access);
    if (connected == SSH_ERROR) return say(Errc::Unavailable, access, ssh_get_error(session_));
    if (auto ready = wait(access, waiter); !ready) return ready;
  }
}

// An unknown key is refused like a changed one: what is learnt by itself is learnt from whoever
// answers.
Status SshSession::know(const SshAccess& access) {
  const auto refuse = [&](std::string_view why) {
    return say(Errc::Denied, access,
               fmt::format("the host's key {} {}", fingerprint(session_), why));
  };
  const std::string& file = access.known_hosts_file;
  switch (ssh_session_is_known_server(session_)) {
    case SSH_KNOWN_HOSTS_OK: return {};
    case SSH_KNOWN_HOSTS_CHANGED:
      return refuse(
          fmt::format("is another than in {}: if the host was set up anew, put its new "
                      "key there; otherwise somebody stands between",
                      file));
    case SSH_KNOWN_HOSTS_OTHER:
      return refuse(
          fmt::format("is of another type than those of it in {}: compare it with the "
                      "host's own and add it there",
                      file));
    case SSH_KNOWN_HOSTS_UNKNOWN:
      return refuse(
          fmt::format("is not in {}: compare it with the host's own (ssh-keygen -lf "
                      "/etc/ssh/ssh_host_ed25519_key.pub) and add it there",
                      file));
    case SSH_KNOWN_HOSTS_NOT_FOUND: return say(Errc::Denied, access, file + " is not there");
    case SSH_KNOWN_HOSTS_ERROR: return say(Errc::Denied, access, ssh_get_error(session_));
  }
  return say(Errc::Denied, access, "the host's key could not be compared");
}

Status SshSession::log_in(const SshAccess& access, const Waiter& waiter) {
  ssh_key raw = nullptr;
  const auto no_passphrase = [](const char*, char*, std::size_t, int, int, void*) { return -1; };
  const int read =
      ssh_pki_import_privkey_file(access.key_file.c_str(), nullptr, no_passphrase, nullptr, &raw);
  const Key key(raw);
  if (read != SSH_OK)
    return say(Errc::Denied, access, access.key_file + " cannot be read as a private key");
  for (;;) {
    switch (ssh_userauth_publickey(session_, nullptr, raw)) {
      case SSH_AUTH_SUCCESS: return {};
      case SSH_AUTH_AGAIN: break;
      case SSH_AUTH_DENIED:
      case SSH_AUTH_PARTIAL:
        return say(Errc::Denied, access,
                   fmt::format("the key {} is refused: its public half belongs into "
                               "~{}/.ssh/authorized_keys over there, which nobody else may write",
                               access.key_file, access.user));
      default: return say(Errc::Unavailable, access, ssh_get_error(session_));
    }
    if (auto ready = wait(access, waiter); !ready) return ready;
  }
}

bool SshSession::handle_arrived() {
  for (int turn = 0; alive_ && turn < kMostAtOnce; ++turn) {
    const int done = ssh_event_dopoll(event_, 0);
    if (done == SSH_AGAIN) break;
    if (done == SSH_ERROR || ssh_is_connected(session_) == 0) give_up();
  }
  wake_waiting();
  return alive_;
}

// Only when something was read, or two that wait would wake each other for ever.
void SshSession::wake_waiting() {
  if (counter_->in_bytes == bytes_seen_ && alive_ == alive_seen_) return;
  bytes_seen_ = counter_->in_bytes;
  alive_seen_ = alive_;
  // Cannot fail: such a counter holds 2^64 - 2.
  for (const int wake : waiting_) (void)eventfd_write(wake, 1);
}

int SshSession::descriptor() const {
  return ssh_get_fd(session_);
}

short SshSession::events() const {
  const bool writes = (ssh_get_poll_flags(session_) & SSH_WRITE_PENDING) != 0;
  return static_cast<short>(POLLIN | (writes ? POLLOUT : 0));
}

std::string SshSession::last_error() const {
  const char* said = ssh_get_error(session_);
  return said == nullptr || *said == '\0' ? "the connection was lost" : said;
}

}  // namespace fieldmedic
