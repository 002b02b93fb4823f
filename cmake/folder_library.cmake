# One static library a folder: fieldmedic_folder(NAME core LINKS a b) takes every .cpp of the current
# folder except main.cpp. LINKS are public; PRIVATE_LINKS stay out of what users of the folder see.
function(fieldmedic_folder NAME)
  cmake_parse_arguments(ARG "" "" "LINKS;PRIVATE_LINKS" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
  list(FILTER sources EXCLUDE REGEX "/main\\.cpp$")
  if(NOT sources)
    add_library(${NAME} INTERFACE)  # headers only
    target_include_directories(${NAME} INTERFACE ${CMAKE_SOURCE_DIR} ${CMAKE_BINARY_DIR}/generated)
    target_link_libraries(${NAME} INTERFACE ${ARG_LINKS})
    return()
  endif()
  add_library(${NAME} STATIC ${sources})
  target_include_directories(${NAME} PUBLIC ${CMAKE_SOURCE_DIR} ${CMAKE_BINARY_DIR}/generated)
  target_link_libraries(${NAME} PUBLIC ${ARG_LINKS} PRIVATE fieldmedic_warnings ${ARG_PRIVATE_LINKS})
endfunction()
