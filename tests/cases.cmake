# SPDX-License-Identifier: LGPL-2.1-or-later
# gvtrace_cases(LABEL WAYS...): the cases in the folders of the current one, see cases/README.md. Their programs are
# static, so that they run in any root folder, and without the sanitizers: what is under test is gvtrace. All go to
# one folder, which a sandbox gets whole: program.c becomes NAME, any other file FILE.c becomes NAME-FILE.
include(CheckCSourceCompiles)
set(gvtrace_case_programs ${PROJECT_BINARY_DIR}/tests/programs)

# 32-bit programs are made without a C library: -m32 works where the compiler has no 32-bit one.
set(CMAKE_REQUIRED_FLAGS "-m32 -nostdlib -static -ffreestanding -fno-sanitize=all")
check_c_source_compiles("void _start(void); int main; void _start(void) { for (;;) ; }" GVTRACE_HAS_M32)
unset(CMAKE_REQUIRED_FLAGS)

macro(gvtrace_case_settings)
	set_property(DIRECTORY PROPERTY COMPILE_OPTIONS
		-O1 -g -Wall -Wextra -Wno-unused-parameter $<$<BOOL:${GVTRACE_WERROR}>:-Werror>)
	set_property(DIRECTORY PROPERTY LINK_OPTIONS -static -pthread)
	set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${gvtrace_case_programs})
	include_directories(${PROJECT_SOURCE_DIR}/tests/support)
endmacro()

function(gvtrace_cases label)
	file(GLOB folders CONFIGURE_DEPENDS LIST_DIRECTORIES true ${CMAKE_CURRENT_SOURCE_DIR}/*)
	foreach(folder ${folders})
		if(NOT IS_DIRECTORY ${folder})
			continue()
		endif()
		get_filename_component(case ${folder} NAME)
		file(GLOB sources CONFIGURE_DEPENDS ${folder}/*.c)
		foreach(source ${sources})
			get_filename_component(name ${source} NAME_WE)
			if(name STREQUAL "i386" AND NOT GVTRACE_HAS_M32)
				continue()
			endif()
			set(program ${case}-${name})
			if(name STREQUAL "program")
				set(program ${case})
			endif()
			add_executable(case-${program} ${source})
			set_target_properties(case-${program} PROPERTIES OUTPUT_NAME ${program})
			if(name STREQUAL "i386")
				target_compile_options(case-${program} PRIVATE
					-m32 -ffreestanding -fno-pic -fno-stack-protector)
				target_link_options(case-${program} PRIVATE -m32 -nostdlib -no-pie)
			endif()
		endforeach()

		set(ways ${ARGN})
		if(EXISTS ${folder}/ways)
			file(STRINGS ${folder}/ways ways)
			separate_arguments(ways)
			list(REMOVE_ITEM ways sandbox)
		endif()
		if(NOT EXISTS ${folder}/redirected)
			list(REMOVE_ITEM ways redirected)
		endif()
		set(limit 180)
		if(EXISTS ${folder}/limit)
			file(STRINGS ${folder}/limit limit)
			math(EXPR limit "${limit} + 60")
		endif()
		foreach(way ${ways})
			add_test(NAME ${label}/${case}/${way} COMMAND ${PROJECT_SOURCE_DIR}/tests/run_cases
				--binary $<TARGET_FILE:gvtrace> --programs ${gvtrace_case_programs}
				--cases ${CMAKE_CURRENT_SOURCE_DIR} --way ${way} ${case})
			set_tests_properties(${label}/${case}/${way} PROPERTIES
				LABELS ${label} SKIP_RETURN_CODE 77 TIMEOUT ${limit})
		endforeach()
	endforeach()
endfunction()
