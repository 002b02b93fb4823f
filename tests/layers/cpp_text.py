"""Just enough of C++'s lexical rules to search code without being fooled by comments and strings."""
import re

_TOKEN = re.compile(
    r"""//[^\n]*                                      # line comment
      | /\*.*?\*/                                     # block comment
      | R"(?P<tag>[^()\\\s]{0,16})\(.*?\)(?P=tag)"    # raw string
      | "(?:\\.|[^"\\\n])*"                           # string
      | (?<![0-9A-Za-z_])'(?:\\.|[^'\\\n])+'          # character, not the ' of 10'000
    """,
    re.DOTALL | re.VERBOSE,
)
_INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"\n]+)[>"]', re.MULTILINE)


def blanked(text):
    """The text with comments and literals as spaces; offsets and line numbers stay."""
    return _TOKEN.sub(lambda found: re.sub(r"[^\n]", " ", found.group()), text)


def includes(text):
    """(line, 'header', is_ours) for each include line; ours are the quoted ones."""
    without_comments = re.sub(
        r"/\*.*?\*/", lambda found: re.sub(r"[^\n]", " ", found.group()), text, flags=re.DOTALL)
    for found in _INCLUDE.finditer(without_comments):
        line = without_comments.count("\n", 0, found.start(2)) + 1
        yield line, found.group(2), found.group(1) == '"'


def lines_matching(text, pattern):
    """(line, matched text) in code only."""
    code = blanked(text)
    for found in re.finditer(pattern, code):
        yield code.count("\n", 0, found.start()) + 1, found.group()
