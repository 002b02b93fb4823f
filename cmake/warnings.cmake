# What architecture.md asks of every file of ours; third-party headers come in as SYSTEM.
option(FIELDMEDIC_WERROR "Treat warnings as errors" ON)
add_library(fieldmedic_warnings INTERFACE)
target_compile_options(fieldmedic_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wnon-virtual-dtor -Wold-style-cast
  -Wimplicit-fallthrough $<$<BOOL:${FIELDMEDIC_WERROR}>:-Werror>)
