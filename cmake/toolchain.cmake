# ccache and mold make a build faster; neither changes what is built.
find_program(FIELDMEDIC_CCACHE ccache)
if(FIELDMEDIC_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${FIELDMEDIC_CCACHE})
endif()
find_program(FIELDMEDIC_MOLD mold)
if(FIELDMEDIC_MOLD)
  add_link_options(-fuse-ld=mold)
endif()
# Relative paths in __FILE__ and debug info: the same object from any checkout, so ccache serves all.
add_compile_options(-ffile-prefix-map=${CMAKE_SOURCE_DIR}=.)
