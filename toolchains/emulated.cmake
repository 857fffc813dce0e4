# The tests of the core for the processor of OBSERVATORY_DEVICE, run under qemu; tests/cross.sh uses
# it. They stand on Debian's own C and C++ libraries, linked statically so that they need no system
# around them. Those of MIPS calculate in a floating-point unit, so the tests may have one.
include(${CMAKE_CURRENT_LIST_DIR}/device.cmake)
string(REPLACE "-msoft-float" "" device_flags "${device_flags}")
string(REGEX REPLACE " .*" "" device_emulator "${device_emulator}")
set(CMAKE_CROSSCOMPILING_EMULATOR ${device_emulator})
set(CMAKE_C_FLAGS_INIT "${device_flags}")
set(CMAKE_CXX_FLAGS_INIT "${device_flags} -Wno-psabi")  # notes on how old compilers passed arguments
set(CMAKE_EXE_LINKER_FLAGS_INIT -static)
