# Writes the server lists of a folder into one C++ table: cmake -DOUTPUT=FILE -DFOLDER=... -P ...
file(GLOB lists ${FOLDER}/*.txt)
set(content "")
foreach(list IN LISTS lists)
  get_filename_component(chain ${list} NAME_WE)
  file(READ ${list} text)
  string(APPEND content "{\"${chain}\", R\"~~~(${text})~~~\"},\n")
endforeach()
file(WRITE ${OUTPUT} "${content}")
