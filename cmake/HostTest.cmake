# SPDX-License-Identifier: Apache-2.0

# ob_add_test(<name> SOURCES <files> [LIBS <targets>])
#
# A cmocka program run by ctest. Its assertions stay on in every build type.
function(ob_add_test name)
    cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;LIBS")
    add_executable(${name} ${arg_SOURCES})
    target_compile_options(${name} PRIVATE -UNDEBUG)
    target_link_libraries(${name} PRIVATE ${arg_LIBS} cmocka)
    add_test(NAME ${name} COMMAND ${name})
endfunction()
