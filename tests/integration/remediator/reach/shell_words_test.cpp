// Held by a real shell: what it makes of a line is what was given.
#include "remediator/reach/shell_words.hpp"

#include <random>
#include <string>
#include <vector>

#include "common/process_runner.hpp"
#include "tests/catch.hpp"

using fieldmedic::LocalProcessRunner;
using fieldmedic::shell_word;
using fieldmedic::shell_words;

namespace {

// What printf gets as its arguments, each ended by a NUL.
std::string as_the_shell_reads(const std::vector<std::string>& words) {
  std::vector<std::string> command{"printf", "%s\\0"};
  command.insert(command.end(), words.begin(), words.end());
  const auto ran = LocalProcessRunner().run(
      {.argv = {"/bin/sh", "-c", shell_words(command)}, .environment = {}}, {});
  return ran && ran->exit_code == 0 ? ran->out : "it did not run";
}

std::string ended_by_nul(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += word + '\0';
  return text;
}

}  // namespace

TEST_CASE("shell words: the shell reads each as it was given") {
  const std::vector<std::string> cases{
      "plain",    "",       " ",     "a b", "$(id)", "`id`",    "'",        "''",    "\\",
      "\\'",      "\"",     "a\nb",  "\n",  "*",     "~",       "~root",    "#",     "!",
      "a;b",      "a&b",    "a|b",   "<>",  "$HOME", "${HOME}", "-n",       "--",    "%s",
      "A=b",      "[a-z]",  "{a,b}", "\t",  "\x01",  "\x7f",    "\xff\xfe", "空 格", "it's",
      "'; id; '", "$'\\n'", "\r\n",  "=",   "é",     "a\\\nb",  "(x)",      "?"};
  CHECK(as_the_shell_reads(cases) == ended_by_nul(cases));
}

TEST_CASE("shell words: of any bytes but NUL") {
  std::mt19937 random(20'261'127);  // NOLINT(cert-msc32-c,cert-msc51-cpp): the same each time
  std::uniform_int_distribution<int> byte(1, 255);
  std::uniform_int_distribution<std::size_t> length(0, 40);
  constexpr std::string_view kMean = "'\\\"$`!*?[]{}()<>|&;#~= \n\t";
  for (int round = 0; round < 100; ++round) {
    std::vector<std::string> words(20);
    for (std::string& word : words)
      for (std::size_t left = length(random); left > 0; --left)
        word += round % 2 == 0 ? static_cast<char>(byte(random))
                               : kMean[static_cast<std::size_t>(byte(random)) % kMean.size()];
    const std::string read = as_the_shell_reads(words);
    if (read != ended_by_nul(words)) FAIL("round " << round);
  }
}

TEST_CASE("shell words: plain ones stay readable") {
  CHECK(shell_word("/usr/bin/env") == "/usr/bin/env");
  CHECK(shell_word("a'b") == "'a'\\''b'");
  CHECK(shell_words(std::vector<std::string>{"exec", "a b", ""}) == "exec 'a b' ''");
}
