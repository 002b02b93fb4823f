// The log of both daemons: one line an event on standard error, level first, made for journald.
// Thread-safe. Only main, engine, scrape and webhook log; everything else returns its error.
#pragma once

#include <string_view>

namespace fieldmedic::log {

enum class Level { Debug, Info, Warn, Error };

// Lines below this level are dropped. Default Info.
void set_level(Level level);

// The message must hold no secret; control characters in it are escaped, so that hostile text from
// outside cannot forge a line.
void debug(std::string_view message);
void info(std::string_view message);
void warn(std::string_view message);
void error(std::string_view message);

}  // namespace fieldmedic::log
