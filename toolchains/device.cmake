# Reads the line of OBSERVATORY_DEVICE in devices.txt; included by toolchain files. Sets
# device_compiler, device_musl_target, device_emulator, device_flags and CMake's own settings.
set(OBSERVATORY_DEVICE "" CACHE STRING "A preset of toolchains/devices.txt")
list(APPEND CMAKE_TRY_COMPILE_PLATFORM_VARIABLES OBSERVATORY_DEVICE)

file(STRINGS ${CMAKE_CURRENT_LIST_DIR}/devices.txt device_line REGEX "^${OBSERVATORY_DEVICE} *[|]")
string(REPLACE "|" ";" device_columns "${device_line}")
list(TRANSFORM device_columns STRIP)
list(LENGTH device_columns device_width)
if(NOT device_width EQUAL 5)
  message(FATAL_ERROR "OBSERVATORY_DEVICE `${OBSERVATORY_DEVICE}` is not in toolchains/devices.txt")
endif()
list(GET device_columns 1 device_compiler)
list(GET device_columns 2 device_musl_target)
list(GET device_columns 3 device_emulator)
list(GET device_columns 4 device_flags)

set(CMAKE_SYSTEM_NAME Linux)
string(REGEX REPLACE "-.*" "" CMAKE_SYSTEM_PROCESSOR ${device_musl_target})
set(CMAKE_C_COMPILER ${device_compiler}gcc)
set(CMAKE_CXX_COMPILER ${device_compiler}g++)
