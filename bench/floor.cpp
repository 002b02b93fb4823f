// What a scrape cannot do without: reading the eight collectors' files through descriptors that
// stay open, writing the page's numbers, and gzip at level 1. No HTTP, no threads, no names built.
//
//   bench_floor PAGE    does a round for each line of standard input and answers with a line: the
//                       nanoseconds of CPU that it took
//
// PAGE is a text page of the exporter: its names and numbers are what is written. Rounds are asked
// for one by one so that caches are as cold as those of a program that is scraped.
#include <fcntl.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include <libdeflate.h>

namespace {

constexpr std::array kFiles = {
    "/proc/stat",        "/proc/meminfo",         "/proc/diskstats", "/proc/net/snmp",
    "/proc/net/netstat", "/proc/net/dev",         "/proc/net/snmp6", "/proc/pressure/cpu",
    "/proc/pressure/io", "/proc/pressure/memory", "/proc/loadavg"};

struct Series {
  std::string prefix;  // all up to the number
  double value;
};

std::vector<Series> read_page(const char* path) {
  std::ifstream in(path);
  std::vector<Series> page;
  std::string line;
  std::string before;
  while (std::getline(in, line)) {
    const auto space = line.rfind(' ');
    if (line.empty() || line.front() == '#' || space == std::string::npos) {
      before += line + '\n';
      continue;
    }
    page.push_back(
        {before + line.substr(0, space + 1), std::strtod(line.c_str() + space, nullptr)});
    before.clear();
  }
  return page;
}

std::int64_t cpu_nanoseconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return now.tv_sec * 1'000'000'000 + now.tv_nsec;
}

void read_all(const std::vector<int>& files) {
  static std::array<char, 64 * 1024> buffer;
  for (const int file : files) {
    off_t offset = 0;
    while (const auto got = pread(file, buffer.data(), buffer.size(), offset)) {
      if (got < 0) std::exit(2);
      offset += got;
    }
  }
  struct statvfs root{};
  if (statvfs("/", &root) != 0) std::exit(2);
}

void write_page(const std::vector<Series>& page, std::string& text) {
  text.clear();
  std::array<char, 32> digits;
  for (const auto& series : page) {
    text += series.prefix;
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), series.value).ptr;
    text.append(digits.data(), end);
    text += '\n';
  }
}

}  // namespace

int main(int argc, char** argv) {
  const auto page = argc == 2 ? read_page(argv[1]) : std::vector<Series>();
  if (page.empty()) {
    std::fputs("usage: bench_floor PAGE, which holds samples\n", stderr);
    return 2;
  }
  std::vector<int> files;
  for (const char* path : kFiles) {
    if (const int file = open(path, O_RDONLY | O_CLOEXEC); file >= 0) files.push_back(file);
  }
  const std::unique_ptr<libdeflate_compressor, decltype(&libdeflate_free_compressor)> gzip(
      libdeflate_alloc_compressor(1), libdeflate_free_compressor);
  std::string text;
  std::vector<char> packed(256UL * 1024);
  for (std::string line; std::getline(std::cin, line);) {
    const auto begun = cpu_nanoseconds();
    read_all(files);
    write_page(page, text);
    if (libdeflate_gzip_compress(gzip.get(), text.data(), text.size(), packed.data(),
                                 packed.size()) == 0)
      return 2;
    std::printf("%lld\n", static_cast<long long>(cpu_nanoseconds() - begun));
    std::fflush(stdout);
  }
}
