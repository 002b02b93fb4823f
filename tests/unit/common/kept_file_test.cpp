#include "common/kept_file.hpp"

#include "tests/catch.hpp"
#include "tests/fakes/temp_tree.hpp"

using namespace fieldmedic;

TEST_CASE("kept file: every read gives the content of now from its first byte") {
  const TempTree tree{{{"f", "one\n"}}};
  KeptFile file(tree.root / "f");
  REQUIRE(file.read().value() == "one\n");
  tree.append("f", "two\n");
  CHECK(file.read().value() == "one\ntwo\n");
}

TEST_CASE("kept file: content larger than the first buffer comes whole in either shape") {
  std::string large(100'000, 'x');
  large.back() = '\n';
  const TempTree tree{{{"f", large}}};
  KeptFile one(tree.root / "f", FileShape::OneRecord);
  KeptFile many(tree.root / "f", FileShape::ManyRecords);
  CHECK(one.read().value() == large);
  CHECK(many.read().value() == large);
}

TEST_CASE("kept file: content of exactly the buffer size is not cut") {
  for (const std::size_t size : {4095u, 4096u, 4097u, 8192u}) {
    const std::string text(size, 'y');
    const TempTree tree{{{"f", text}}};
    for (const auto shape : {FileShape::OneRecord, FileShape::ManyRecords}) {
      KeptFile file(tree.root / "f", shape);
      CHECK(file.read().value().size() == size);
    }
  }
}

TEST_CASE("kept file: a missing file is not found and a folder in its place is an error") {
  const TempTree tree{{{"d/f", ""}}};
  KeptFile missing(tree.root / "none");
  REQUIRE_FALSE(missing.read());
  CHECK(missing.read().error().code == Errc::NotFound);
  CHECK_FALSE(missing.exists());
  KeptFile folder(tree.root / "d");
  REQUIRE_FALSE(folder.read());
  CHECK(folder.read().error().code == Errc::Io);
  CHECK(folder.exists());
}

TEST_CASE("kept file: a file that appears later is read then") {
  const TempTree tree;
  KeptFile file(tree.root / "f");
  CHECK_FALSE(file.read());
  tree.write("f", "here\n");
  CHECK(file.read().value() == "here\n");
}

TEST_CASE("kept file: more than eight mebibytes is refused") {
  const TempTree tree{{{"f", std::string((8u << 20) + 1, 'z')}}};
  KeptFile file(tree.root / "f");
  const auto content = file.read();
  REQUIRE_FALSE(content);
  CHECK(content.error().code == Errc::TooLarge);
}

TEST_CASE("kept file: the live files of this host are read whole") {
  // /proc/diskstats and mounts come a page at a time; stat and netstat are one record.
  for (const auto* path : {"/proc/self/mounts", "/proc/diskstats", "/proc/net/dev"}) {
    KeptFile file(path, FileShape::ManyRecords);
    const auto content = file.read();
    if (!content || content->empty()) continue;
    CHECK(content->back() == '\n');
  }
}
