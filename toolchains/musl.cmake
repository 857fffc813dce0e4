# Static binaries over musl, for the device OBSERVATORY_DEVICE of devices.txt, with Debian's
# compilers. sh toolchains/build.sh PRESET prepares what is needed and is the way to use it.
include(${CMAKE_CURRENT_LIST_DIR}/device.cmake)
set(musl ${CMAKE_CURRENT_LIST_DIR}/../build/musl/${OBSERVATORY_DEVICE})
get_filename_component(musl ${musl} ABSOLUTE)

string(REPLACE " " ";" CMAKE_CROSSCOMPILING_EMULATOR "${device_emulator}")

# Everything in sections of its own, so that the linker drops what nobody calls; no tables for
# exceptions that nobody throws; no position-independent code, since nobody loads it elsewhere.
set(shared_flags "${device_flags} -ffunction-sections \
-fdata-sections -fno-asynchronous-unwind-tables -fno-unwind-tables -fno-stack-protector -fno-pic")
# Size before all else; README.md has what each option gives.
set(for_size "-Oz -fno-thread-jumps -fno-caller-saves -fno-if-conversion -fno-tree-tail-merge \
-fno-code-hoisting -DNDEBUG")
set(CMAKE_C_FLAGS_MINSIZEREL "${for_size}" CACHE STRING "")
set(CMAKE_CXX_FLAGS_MINSIZEREL "${for_size}" CACHE STRING "")
if(CMAKE_SYSTEM_PROCESSOR STREQUAL "aarch64")
  # One instruction for an address instead of two, as long as a program has less than 1 MiB.
  string(APPEND shared_flags " -mcmodel=tiny")
endif()
if(CMAKE_SYSTEM_PROCESSOR MATCHES "^mips")
  # 16-bit instructions take a quarter off the binary. The 24Kc and its successors have them. One
  # link-time optimisation knows one kind only, so that the other stays outside of it.
  string(APPEND shared_flags " -mno-abicalls -mips16 -minterlink-mips16")
  set(device_fast_code -Os -mno-mips16 -fno-lto)
endif()

# musl in the place of the compiler's own C library, in headers and at the link. The compiler's start
# files are left out: they register exceptions.
execute_process(COMMAND ${CMAKE_C_COMPILER} -print-file-name=include
  OUTPUT_VARIABLE compiler_headers OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
set(c_headers "-nostdinc -isystem ${musl}/include -isystem ${compiler_headers}")
set(link "-static -no-pie -nostdlib <CMAKE_C_LINK_FLAGS> <LINK_FLAGS> ${musl}/lib/crt1.o \
${musl}/lib/crti.o <OBJECTS> -o <TARGET> <LINK_LIBRARIES> -L${musl}/lib -Wl,--start-group -lc -lgcc \
-Wl,--end-group ${musl}/lib/crtn.o")
set(CMAKE_C_LINK_EXECUTABLE "<CMAKE_C_COMPILER> <FLAGS> ${link}")
set(CMAKE_CXX_LINK_EXECUTABLE "<CMAKE_CXX_COMPILER> <FLAGS> ${link}")
set(CMAKE_C_FLAGS_INIT "${shared_flags} ${c_headers}")

# The C++ headers of the compiler, in front of musl's: they were made for glibc, and
# musl_cxx_headers.h takes that back for those that are used.
execute_process(COMMAND ${CMAKE_CXX_COMPILER} -dumpversion
  OUTPUT_VARIABLE version OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
string(REGEX REPLACE "[.].*" "" version "${version}")
execute_process(COMMAND ${CMAKE_CXX_COMPILER} -dumpmachine
  OUTPUT_VARIABLE triple OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
if(device_compiler)
  set(cxx_headers /usr/${triple}/include/c++/${version})
  set(cxx_config ${cxx_headers}/${triple})
else()
  set(cxx_headers /usr/include/c++/${version})
  set(cxx_config /usr/include/${triple}/c++/${version})
endif()
set(CMAKE_CXX_FLAGS_INIT "${shared_flags} -nostdinc++ -isystem ${cxx_headers} \
-isystem ${cxx_config} ${c_headers} -include ${CMAKE_CURRENT_LIST_DIR}/musl_cxx_headers.h")

# Code and data share a page of the file: else up to a page of zeros stands between them.
set(CMAKE_EXE_LINKER_FLAGS_INIT "-flto-partition=one -Wl,-z,norelro \
-Wl,-z,noseparate-code -Wl,-z,common-page-size=16 -Wl,--build-id=none")
set(CMAKE_FIND_ROOT_PATH ${musl})
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
# jsmn is a header and comes from this machine; FindJsmn takes it alone.
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE BOTH)
