// The system calls, on real files that do not hang.
#include "exporter/files/file_work.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <set>

#include "tests/catch.hpp"
#include "tests/fakes/temp_tree.hpp"

using namespace fieldmedic;

namespace {

Result<FileAnswer> ask(const FileRequest& request) {
  return to_result(request, perform(request, SystemClock()));
}

Errc error_of(const FileRequest& request) {
  const auto answer = ask(request);
  REQUIRE_FALSE(answer);
  return answer.error().code;
}

}  // namespace

TEST_CASE("file work: a range of a file and whose it is") {
  const TempTree tree{{{"a.log", "one\ntwo\n"}}};
  const auto path = (tree.root / "a.log").native();
  struct stat status{};
  REQUIRE(stat(path.c_str(), &status) == 0);
  const auto part = ask({.verb = FileVerb::Read, .path = path, .offset = 4, .bytes = 3});
  REQUIRE(part);
  CHECK(part->bytes == "two");
  CHECK(part->stat.device == status.st_dev);
  CHECK(part->stat.inode == status.st_ino);
  CHECK(part->stat.size == 8);
  CHECK(part->stat.links == 1);
  CHECK(part->stat.regular);
  CHECK(ask({.verb = FileVerb::Read, .path = path, .offset = 4, .bytes = 100})->bytes == "two\n");
  CHECK(ask({.verb = FileVerb::Read, .path = path, .offset = 8, .bytes = 100})->bytes.empty());
  CHECK(ask({.verb = FileVerb::Stat, .path = path})->stat == part->stat);
}

TEST_CASE("file work: only regular files are opened") {
  const TempTree tree;
  const auto fifo = (tree.root / "fifo").native();
  REQUIRE(mkfifo(fifo.c_str(), 0600) == 0);
  for (const auto verb : {FileVerb::Read, FileVerb::Digest}) {
    CHECK(error_of({.verb = verb, .path = fifo, .bytes = 1}) == Errc::Invalid);
    CHECK(error_of({.verb = verb, .path = "/dev/null", .bytes = 1}) == Errc::Invalid);
    CHECK(error_of({.verb = verb, .path = tree.root.native(), .bytes = 1}) == Errc::Invalid);
    CHECK(error_of({.verb = verb, .path = "/nonexistent", .bytes = 1}) == Errc::NotFound);
  }
  CHECK_FALSE(ask({.verb = FileVerb::Stat, .path = fifo})->stat.regular);
}

TEST_CASE("file work: a renamed file is found again by its number") {
  const TempTree tree{{{"a.log", "x"}, {"b.log", "y"}}};
  const auto folder = tree.root.native();
  const auto stat = ask({.verb = FileVerb::Stat, .path = folder + "/a.log"})->stat;
  std::filesystem::rename(tree.root / "a.log", tree.root / "a.log.1");
  const FileRequest find{
      .verb = FileVerb::Find, .path = folder, .device = stat.device, .inode = stat.inode};
  const auto found = ask(find);
  REQUIRE(found);
  CHECK(found->bytes == "a.log.1");
  CHECK(found->stat.inode == stat.inode);
  auto elsewhere = find;
  ++elsewhere.device;
  CHECK(error_of(elsewhere) == Errc::NotFound);
  std::filesystem::remove(tree.root / "a.log.1");
  CHECK(error_of(find) == Errc::NotFound);
}

TEST_CASE("file work: the names in a folder come in pages") {
  const TempTree tree;
  for (int i = 0; i < 400; ++i) tree.write(std::string(200, 'n') + std::to_string(i), "");
  std::set<std::string> names;
  FileRequest list{.verb = FileVerb::List, .path = tree.root.native()};
  int pages = 0;
  for (auto page = ask(list); !page->bytes.empty(); page = ask(list)) {
    REQUIRE(page->bytes.size() <= kMostReadBytes);
    ++pages;
    for (std::string_view rest = page->bytes; !rest.empty(); ++list.offset) {
      const auto end = rest.find('\0');
      names.emplace(rest.substr(0, end));
      rest.remove_prefix(end + 1);
    }
  }
  CHECK(pages == 2);
  CHECK(names.size() == 400);
  CHECK(error_of({.verb = FileVerb::List, .path = "/nonexistent"}) == Errc::NotFound);
}

TEST_CASE("file work: the digest is that of sha256sum") {
  // FIPS 180-2, appendix B.1 and the empty message.
  const TempTree tree{{{"abc", "abc"}, {"empty", ""}, {"long", std::string(200'000, 'a')}}};
  const auto digest = [&](const char* name) {
    return ask({.verb = FileVerb::Digest, .path = (tree.root / name).native()})->bytes;
  };
  CHECK(digest("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(digest("empty") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(digest("long") == "2287d207f24a941ff3b56c04c8a25ad56b63e3023207b3bb5b4ac0c9869d74be");
}

TEST_CASE("file work: a digest of too much is refused") {
  const TempTree tree{{{"large", ""}}};
  std::filesystem::resize_file(tree.root / "large", kMostDigestBytes + 1);  // a hole
  CHECK(error_of({.verb = FileVerb::Digest, .path = (tree.root / "large").native()}) ==
        Errc::TooLarge);
}

TEST_CASE("file work: a probe writes and syncs and leaves nothing behind") {
  const TempTree tree;
  const auto probe = ask({.verb = FileVerb::SyncProbe, .path = tree.root.native()});
  REQUIRE(probe);
  CHECK(probe->took.count() > 0);
  CHECK(std::filesystem::is_empty(tree.root));
  CHECK(error_of({.verb = FileVerb::SyncProbe, .path = "/nonexistent"}) == Errc::NotFound);
}

TEST_CASE("file work: a probe does not write through somebody's link") {
  const TempTree tree{{{"precious", "keep me"}, {"folder/x", ""}}};
  const auto folder = tree.root / "folder";
  const auto planted = folder / ".fieldmedic-sync-probe";
  SECTION("symbolic") {
    std::filesystem::create_symlink(tree.root / "precious", planted);
  }
  SECTION("hard") {
    std::filesystem::create_hard_link(tree.root / "precious", planted);
  }
  CHECK_FALSE(ask({.verb = FileVerb::SyncProbe, .path = folder.native()}));
  CHECK(std::filesystem::file_size(tree.root / "precious") == 7);
}

TEST_CASE("file work: the space of a file system") {
  const auto answer = ask({.verb = FileVerb::Statfs, .path = "/"});
  REQUIRE(answer);
  CHECK(answer->space.blocks > 0);
  CHECK(answer->space.block_size > 0);
  CHECK(error_of({.verb = FileVerb::Statfs, .path = "/nonexistent/place"}) == Errc::NotFound);
}

TEST_CASE("file work: an error says what was asked of whom") {
  const auto answer = ask({.verb = FileVerb::Read, .path = "/nonexistent", .bytes = 1});
  REQUIRE_FALSE(answer);
  CHECK(answer.error().message == "read /nonexistent: No such file or directory");
}

TEST_CASE("file work: a followed file is read to its end when it is renamed or removed") {
  const TempTree tree{{{"a.log", "one\n"}}};
  const auto path = (tree.root / "a.log").native();
  const auto found = ask({.verb = FileVerb::Follow, .path = path});
  REQUIRE(found);
  const FileRequest rest{.verb = FileVerb::Follow,
                         .path = path,
                         .offset = 4,
                         .bytes = 100,
                         .device = found->stat.device,
                         .inode = found->stat.inode};
  tree.append("a.log", "two\n");
  std::filesystem::remove(path);
  tree.write("a.log", "another file\n");
  const auto piece = ask(rest);
  REQUIRE(piece);
  CHECK(piece->bytes == "two\n");
  CHECK(piece->stat.links == 0);
  auto forget = rest;
  forget.verb = FileVerb::Forget;
  CHECK(ask(forget));
  CHECK(error_of(rest) == Errc::NotFound);  // the file at the path is another one
}
