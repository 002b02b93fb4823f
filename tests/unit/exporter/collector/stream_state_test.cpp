#include "exporter/collector/stream_state.hpp"

#include <sys/stat.h>

#include "exporter/collector/state_store.hpp"
#include "tests/catch.hpp"
#include "tests/fakes/temp_tree.hpp"

namespace fieldmedic {
namespace {

StreamStates some_states() {
  StreamState state;
  state.patterns = {"/var/log/*.log"};
  state.files = {{.path = "/var/log/a.log",
                  .file = {1, UINT64_MAX},
                  .offset = 300,
                  .mark = {256, 0xdeadbeef},
                  .skipping = true,
                  .context = 7}};
  state.numbers = {{"bytes", 1e15}, {"messages.error", 3}};
  return {{"log/orders", state}, {"log/empty", {}}};
}

TEST_CASE("stream state: is read as it was written") {
  const auto states = some_states();
  const auto again = decode_states(encode_states(states));
  REQUIRE(again);
  CHECK(*again == states);
  CHECK(decode_states(encode_states({}))->empty());
}

TEST_CASE("stream state: a file that was cut or changed anywhere is refused whole") {
  const auto text = encode_states(some_states());
  for (std::size_t length = 0; length < text.size(); ++length) {
    CAPTURE(length);
    REQUIRE_FALSE(decode_states(std::string_view(text).substr(0, length)));
    auto changed = text;
    changed[length] = static_cast<char>(changed[length] ^ 1);
    REQUIRE_FALSE(decode_states(changed));
  }
}

TEST_CASE("state store: what was put is there after a restart, and a broken file is begun anew") {
  const TempTree tree;
  const auto state = some_states().at("log/orders");
  {
    auto store = StateStore::open(tree.root);
    REQUIRE(store);
    CHECK_FALSE((*store)->get("log/orders"));
    (*store)->put("log/orders", state);
    REQUIRE((*store)->save());
  }
  {
    auto store = StateStore::open(tree.root);
    REQUIRE(store);
    CHECK((*store)->get("log/orders") == state);
  }
  tree.write("state.json", "no state\n");
  auto store = StateStore::open(tree.root);
  REQUIRE(store);
  CHECK_FALSE((*store)->damage().empty());
  CHECK_FALSE((*store)->get("log/orders"));
  (*store)->put("log/orders", state);
  REQUIRE((*store)->save());
  store->reset();
  CHECK((*StateStore::open(tree.root))->get("log/orders") == state);
}

TEST_CASE("state store: a folder that is not there is an error, one in use a conflict") {
  const TempTree tree;
  CHECK(StateStore::open(tree.root / "absent").error().code == Errc::NotFound);
  const auto store = StateStore::open(tree.root);
  REQUIRE(store);
  CHECK(StateStore::open(tree.root).error().code == Errc::Conflict);
}

}  // namespace
}  // namespace fieldmedic
