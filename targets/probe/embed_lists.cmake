# Writes the server lists of a folder into one C++ table: cmake -DOUTPUT=FILE -DFOLDER=... -P ...
#
# The device carries no comments, and no ports that go without saying: default_ports() in
# bundled_lists.cpp knows them, and a test holds both to the files.
file(GLOB lists ${FOLDER}/*.txt)
set(content "")
foreach(list IN LISTS lists)
  get_filename_component(chain ${list} NAME_WE)
  if(chain STREQUAL "bitcoin")
    set(tcp 50001)
    set(tls 50002)
  else()
    set(tcp 51001)
    set(tls 51002)
  endif()
  file(READ ${list} text)
  string(REGEX REPLACE "#[^\n]*\n" "" text "${text}")
  string(REGEX REPLACE " t${tcp}([ \n])" " t\\1" text "${text}")
  string(REGEX REPLACE " s${tls}([ \n])" " s\\1" text "${text}")
  string(REPLACE " t s\n" "\n" text "${text}")
  string(APPEND content "{\"${chain}\", R\"~~~(${text})~~~\"},\n")
endforeach()
file(WRITE ${OUTPUT} "${content}")
