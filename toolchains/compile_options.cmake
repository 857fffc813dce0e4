# Settings travel as INTERFACE targets, never as global flags.

# Everybody: the language, the warnings, includes written from the top folder.
add_library(observatory_warnings INTERFACE)
target_compile_features(observatory_warnings INTERFACE cxx_std_20)
target_include_directories(observatory_warnings INTERFACE ${PROJECT_SOURCE_DIR})
target_compile_options(observatory_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wold-style-cast -Wnon-virtual-dtor
  -Wno-missing-field-initializers
  # GCC 12 sees overlapping copies in its own std::string (GCC bug 105329).
  $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict>
  $<$<BOOL:${OBSERVATORY_WERROR}>:-Werror>)
if(OBSERVATORY_SANITIZE)
  # vptr checks need RTTI, which the device side has not.
  target_compile_options(observatory_warnings INTERFACE
    -fsanitize=address,undefined -fno-sanitize=vptr -fno-sanitize-recover=all
    -fno-omit-frame-pointer)
  target_link_options(observatory_warnings INTERFACE -fsanitize=address,undefined)
endif()
if(OBSERVATORY_FUZZ)
  target_compile_options(observatory_warnings INTERFACE -fsanitize=fuzzer-no-link)
endif()

# What runs on the device: no exceptions, no RTTI, one section per function.
add_library(observatory_embedded INTERFACE)
target_link_libraries(observatory_embedded INTERFACE observatory_warnings)
target_compile_options(observatory_embedded INTERFACE
  -fno-exceptions -fno-rtti -fno-threadsafe-statics -ffunction-sections -fdata-sections)
target_link_options(observatory_embedded INTERFACE -Wl,--gc-sections)
