# Finds jsmn, a header. Defines Jsmn::jsmn.
find_path(Jsmn_INCLUDE_DIR jsmn.h)
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(Jsmn
  REQUIRED_VARS Jsmn_INCLUDE_DIR
  REASON_FAILURE_MESSAGE "Debian and Ubuntu: apt-get install libjsmn-dev")
if(Jsmn_FOUND AND NOT TARGET Jsmn::jsmn)
  set(jsmn_folder ${Jsmn_INCLUDE_DIR})
  if(CMAKE_CROSSCOMPILING)
    # The header alone: beside it may stand the headers of the building machine's C library.
    set(jsmn_folder ${CMAKE_CURRENT_BINARY_DIR}/jsmn)
    configure_file(${Jsmn_INCLUDE_DIR}/jsmn.h ${jsmn_folder}/jsmn.h COPYONLY)
  endif()
  add_library(Jsmn::jsmn INTERFACE IMPORTED)
  set_target_properties(Jsmn::jsmn PROPERTIES INTERFACE_INCLUDE_DIRECTORIES "${jsmn_folder}")
endif()
