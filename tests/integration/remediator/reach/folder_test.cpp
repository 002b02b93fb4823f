#include "remediator/reach/folder.hpp"

#include <sys/mount.h>
#include <unistd.h>

#include <filesystem>
#include <iostream>

#include "tests/catch.hpp"
#include "tests/fakes/temp_tree.hpp"

namespace fieldmedic {

namespace {

const Waiter kLong = Waiter::start(std::chrono::minutes(1), {}).value();

}  // namespace

TEST_CASE("folders of the system and crooked paths may not be emptied") {
  for (const char* path : {"",
                           "/",
                           "//",
                           "relative/path",
                           "/var",
                           "/tmp",
                           "/root",
                           "/home",
                           "/home/alice",
                           "/home/alice/",
                           "/var/lib",
                           "/var/cache/",
                           "/var//log",
                           "/usr/share/x",
                           "/etc/orders/cache",
                           "/proc/1/x",
                           "/lib64/x",
                           "/var/cache/../../etc/x",
                           "/var/./cache",
                           "/var/cache/orders/..",
                           "/dev/shm/x",
                           "/run/systemd"}) {
    INFO(path);
    const auto allowed = may_be_emptied(path);
    REQUIRE_FALSE(allowed.has_value());
    CHECK(allowed.error().code == Errc::Invalid);
  }
  for (const char* path : {"/var/cache/orders", "/var/lib/orders/state", "/tmp/x", "/root/x",
                           "/home/alice/cache", "/opt/orders", "/srv/a..b"}) {
    INFO(path);
    CHECK(may_be_emptied(path).has_value());
  }
}

TEST_CASE("emptying a folder removes what is below and nothing else") {
  const TempTree tree({{"cache/a", "1"}, {"cache/b/c", "2"}, {"outside/d", "3"}});
  const auto cache = tree.root / "cache";
  std::filesystem::create_symlink(tree.root / "outside", cache / "link");
  std::filesystem::create_symlink(tree.root / "outside" / "d", cache / "b" / "file-link");
  std::filesystem::create_symlink("..", cache / "up");
  const auto sight = look_at_folder(cache.string());
  REQUIRE(sight.has_value());
  CHECK(sight->entries == 6);
  const Emptied emptied = empty_folder(cache.string(), sight->identity, kLong);
  CHECK(emptied.status.has_value());
  CHECK(emptied.removed == 6);
  CHECK(std::filesystem::is_empty(cache));
  CHECK(std::filesystem::exists(tree.root / "outside" / "d"));
}

TEST_CASE("a path that leads through a link is not followed") {
  const TempTree tree{{{"real/cache/a", "1"}}};
  std::filesystem::create_symlink(tree.root / "real", tree.root / "alias");
  std::filesystem::create_symlink(tree.root / "real/cache", tree.root / "last");
  for (const char* name : {"alias/cache", "last"}) {
    INFO(name);
    const auto sight = look_at_folder((tree.root / name).string());
    REQUIRE_FALSE(sight.has_value());
    CHECK(sight.error().code == Errc::Conflict);
  }
  CHECK(look_at_folder((tree.root / "absent").string()).error().code == Errc::NotFound);
  CHECK(look_at_folder((tree.root / "real/cache/a").string()).error().code == Errc::Conflict);
}

TEST_CASE("another folder than the one seen is left alone") {
  const TempTree tree({{"cache/a", "1"}, {"other/b", "1"}});
  const auto seen = look_at_folder((tree.root / "other").string());
  const Emptied emptied = empty_folder((tree.root / "cache").string(), seen->identity, kLong);
  REQUIRE_FALSE(emptied.status.has_value());
  CHECK(emptied.status.error().code == Errc::Conflict);
  CHECK(emptied.removed == 0);
  CHECK(std::filesystem::exists(tree.root / "cache" / "a"));
}

TEST_CASE("nothing is removed after the time is over or a stop was requested") {
  const TempTree tree{{{"cache/a", "1"}}};
  const auto cache = (tree.root / "cache").string();
  const auto identity = look_at_folder(cache)->identity;
  const auto over = Waiter::start(std::chrono::milliseconds(1), {});
  REQUIRE(over->pause(std::chrono::minutes(1)) == Waiter::Woke::Deadline);
  std::stop_source source;
  const auto stopped = Waiter::start(std::chrono::minutes(1), source.get_token());
  source.request_stop();
  CHECK(empty_folder(cache, identity, *over).status.error().code == Errc::Timeout);
  CHECK(empty_folder(cache, identity, *stopped).status.error().code == Errc::Cancelled);
  CHECK(std::filesystem::exists(tree.root / "cache/a"));
}

TEST_CASE("a mount inside is neither counted nor emptied") {
  const TempTree tree({{"cache/inner/x", "1"}, {"precious/y", "2"}});
  const auto inner = tree.root / "cache" / "inner";
  if (mount((tree.root / "precious").c_str(), inner.c_str(), nullptr, MS_BIND, nullptr) != 0) {
    std::cout << "SKIP: mounting needs root\n";
    return;
  }
  const auto path = (tree.root / "cache").string();
  const auto sight = look_at_folder(path);
  CHECK(sight.error().code == Errc::Conflict);
  umount2(inner.c_str(), MNT_DETACH);
  const auto identity = look_at_folder(path)->identity;
  REQUIRE(mount((tree.root / "precious").c_str(), inner.c_str(), nullptr, MS_BIND, nullptr) == 0);
  CHECK_FALSE(empty_folder(path, identity, kLong).status.has_value());
  CHECK(std::filesystem::exists(tree.root / "precious" / "y"));
  umount2(inner.c_str(), MNT_DETACH);
}

TEST_CASE("a folder that is too deep is refused") {
  const TempTree tree;
  auto deep = tree.root / "cache";
  for (int depth = 0; depth < 70; ++depth) deep /= "d";
  std::filesystem::create_directories(deep);
  CHECK(look_at_folder((tree.root / "cache").string()).error().code == Errc::TooLarge);
}

}  // namespace fieldmedic
