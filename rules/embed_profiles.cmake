# SPDX-License-Identifier: LGPL-2.1-or-later
# Writes a C file with the text of each profile: cmake -DOUTPUT=FILE "-DPROFILES=FILE|FILE..." -P embed_profiles.cmake
# (The files are separated by "|", since a list of cmake would be taken apart by the shell.)
string(REPLACE "|" ";" files "${PROFILES}")
set(text "/* Made by embed_profiles.cmake. */\n#include \"rules.h\"\n\nconst struct profile profiles[] = {\n")
foreach(file IN LISTS files)
	get_filename_component(name "${file}" NAME_WE)
	file(READ "${file}" content)
	string(REPLACE "\\" "\\\\" content "${content}")
	string(REPLACE "\"" "\\\"" content "${content}")
	string(REPLACE "\n" "\\n\"\n\t\t\"" content "${content}")
	string(APPEND text "\t{ \"${name}\",\n\t\t\"${content}\" },\n")
endforeach()
file(WRITE "${OUTPUT}" "${text}\t{ NULL, NULL },\n};\n")
