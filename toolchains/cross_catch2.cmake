# Catch2 for a cross compiler, out of what the building machine has. Defines Catch2::Catch2WithMain
# and makes include(Catch) work.
#
# Version 2 (Debian 12) is one header and needs nothing else. Version 3 (Debian 13) is a library:
# tests/cross.sh fetches its source and names the folder in OBSERVATORY_CATCH2_SOURCE.
set(OBSERVATORY_CATCH2_SOURCE "" CACHE PATH "Source of Catch2 3, for cross builds")

if(OBSERVATORY_CATCH2_SOURCE)
  add_subdirectory(${OBSERVATORY_CATCH2_SOURCE} ${PROJECT_BINARY_DIR}/catch2 EXCLUDE_FROM_ALL SYSTEM)
  list(APPEND CMAKE_MODULE_PATH ${OBSERVATORY_CATCH2_SOURCE}/extras)
  return()
endif()

find_path(Catch2_HEADER_DIR catch2/catch.hpp)
find_path(Catch2_MODULE_DIR Catch.cmake PATHS /usr PATH_SUFFIXES lib/cmake/Catch2 share/cmake/Catch2)
if(NOT Catch2_HEADER_DIR OR NOT Catch2_MODULE_DIR)
  message(FATAL_ERROR "no Catch2 to cross-compile: run tests/cross.sh, which gets its source")
endif()
# A copy, because beside it stand the headers of the building machine's C library.
set(folder ${PROJECT_BINARY_DIR}/catch2)
configure_file(${Catch2_HEADER_DIR}/catch2/catch.hpp ${folder}/include/catch2/catch.hpp COPYONLY)
file(CONFIGURE OUTPUT ${folder}/main.cpp
  CONTENT "#define CATCH_CONFIG_MAIN\n#include <catch2/catch.hpp>\n")
add_library(cross_catch2 STATIC ${folder}/main.cpp)
target_compile_features(cross_catch2 PUBLIC cxx_std_20)
target_include_directories(cross_catch2 SYSTEM PUBLIC ${folder}/include)
add_library(Catch2::Catch2WithMain ALIAS cross_catch2)
list(APPEND CMAKE_MODULE_PATH ${Catch2_MODULE_DIR})
