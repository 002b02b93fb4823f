// What is told of stores over SSH, judged here; the scripts themselves run in tests/lab/ssh.
#include "remediator/reach/far_stores.hpp"

#include <string>

#include "tests/catch.hpp"

namespace fieldmedic {

TEST_CASE("far stores: where a link points") {
  CHECK(parse_link("link /data/orders\nend\n", "/srv/spool") == std::string("/data/orders"));
  struct Case {
    std::string text;
    Errc code;
  };
  for (const auto& [text, code] :
       {Case{"gone\n", Errc::NotFound}, Case{"behind\n", Errc::Conflict},
        Case{"nolink\n", Errc::Conflict}, Case{"bad stat: what\n", Errc::Conflict},
        Case{"", Errc::Io}, Case{"link /data/orders\n", Errc::Io},
        Case{"link /data/orders\nen", Errc::Io}, Case{"link /data\norders\nend\n", Errc::Io},
        Case{"Welcome\nlink /data/orders\nend\n", Errc::Io}, Case{"gone\nend\n", Errc::Io}}) {
    INFO(text);
    const auto target = parse_link(text, "/srv/spool");
    REQUIRE_FALSE(target);
    CHECK(target.error().code == code);
    CHECK(target.error().message.starts_with("/srv/spool: "));
  }
}

TEST_CASE("far stores: what lies in one, and its room") {
  const auto store = parse_store("store 12 34567 100 2000 30 400\nend\n", "/data");
  REQUIRE(store);
  CHECK(store->files == 12);
  CHECK(store->bytes == 34567);
  CHECK(store->free_blocks == 100);
  CHECK(store->blocks == 2000);
  CHECK(store->free_inodes == 30);
  CHECK(store->inodes == 400);
  for (const std::string text :
       {"unread\n", "store 12 34567 100 2000 30 400\n", "store 12 34567 100 2000 30\nend\n",
        "store 12 34567 100 2000 30 400 5\nend\n", "store x 34567 100 2000 30 400\nend\n",
        "store -1 34567 100 2000 30 400\nend\n", "store \nend\n", "end\n"}) {
    INFO(text);
    const auto none = parse_store(text, "/data");
    REQUIRE_FALSE(none);
    CHECK(none.error().code == Errc::Io);
  }
  CHECK(parse_store("mounted\n", "/data").error().code == Errc::Conflict);
}

TEST_CASE("far stores: only what is told of every process is an answer") {
  using Pids = std::vector<pid_t>;
  CHECK(parse_holders("free 4\nholds 71\nend\n", {4, 71}) == Result<Pids>(Pids{71}));
  CHECK(parse_holders("end\n", {}) == Result<Pids>(Pids{}));
  for (const std::string text :
       {"free 4\nend\n", "free 4\nholds 71\n", "holds 71\nfree 4\nend\n", "free 4\nfree 7\nend\n",
        "free 4\nmaybe 71\nend\n", "free 4\nfree 71 72\nend\n", "free 4\nfree\nend\n", ""}) {
    INFO(text);
    const auto none = parse_holders(text, {4, 71});
    REQUIRE_FALSE(none);
    CHECK(none.error().code == Errc::Io);
  }
  CHECK(parse_holders("free 4\nunread 71\nend\n", {4, 71}).error().code == Errc::Denied);
}

}  // namespace fieldmedic
