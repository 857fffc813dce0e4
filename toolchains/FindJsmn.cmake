# Finds jsmn, a header. Defines Jsmn::jsmn.
find_path(Jsmn_INCLUDE_DIR jsmn.h)
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(Jsmn
  REQUIRED_VARS Jsmn_INCLUDE_DIR
  REASON_FAILURE_MESSAGE "Debian and Ubuntu: apt-get install libjsmn-dev")
if(Jsmn_FOUND AND NOT TARGET Jsmn::jsmn)
  add_library(Jsmn::jsmn INTERFACE IMPORTED)
  set_target_properties(Jsmn::jsmn PROPERTIES INTERFACE_INCLUDE_DIRECTORIES "${Jsmn_INCLUDE_DIR}")
endif()
