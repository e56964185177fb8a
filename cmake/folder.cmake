# add_folder(NAME [USES lib...] [MAIN_USES lib...])
#
# One static library per source folder, made of every .cc below NAME but the mains. Each foo_main.cc
# becomes the program raycord-foo (raycord_main.cc: raycord), linked with the library and with
# MAIN_USES. Each .proto becomes a source of the library. What is not named here is not linked;
# test/tidy_test.cc says the same of #include lines.
function(add_folder name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "USES;MAIN_USES")
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${name}/*.cc ${name}/*.h)
  file(GLOB_RECURSE mains CONFIGURE_DEPENDS ${name}/*_main.cc)
  file(GLOB protos CONFIGURE_DEPENDS ${name}/*.proto)
  list(REMOVE_ITEM sources ${mains} "")
  if(NOT sources)  # Nothing but a place in the order of dependencies.
    add_library(${name} INTERFACE)
    target_link_libraries(${name} INTERFACE ${arg_USES})
    return()
  endif()

  add_library(${name} STATIC ${sources})
  set_target_properties(${name} PROPERTIES LINKER_LANGUAGE CXX)
  target_include_directories(${name} PUBLIC ${PROJECT_SOURCE_DIR})
  target_link_libraries(${name} PUBLIC ${arg_USES})
  raycord_flags(${name})
  if(protos)
    raycord_protos(${name} ${protos})
  endif()

  foreach(main IN LISTS mains)
    raycord_program(${main} ${name} ${arg_MAIN_USES})
  endforeach()
endfunction()

# Generated code is kept in its own object library: our warnings are not its business.
function(raycord_protos name)
  add_library(${name}_proto OBJECT ${ARGN})
  target_link_libraries(${name}_proto PUBLIC protobuf::libprotobuf)
  protobuf_generate(TARGET ${name}_proto LANGUAGE cpp IMPORT_DIRS ${PROJECT_SOURCE_DIR}
                    PROTOC_OUT_DIR ${PROJECT_BINARY_DIR}/generated)
  file(MAKE_DIRECTORY ${PROJECT_BINARY_DIR}/generated)
  target_include_directories(${name}_proto SYSTEM PUBLIC ${PROJECT_BINARY_DIR}/generated)
  if(RAYCORD_SANITIZE)
    target_compile_options(${name}_proto PRIVATE -fsanitize=${RAYCORD_SANITIZE})
  endif()
  target_sources(${name} PRIVATE $<TARGET_OBJECTS:${name}_proto>)
  target_include_directories(${name} SYSTEM PUBLIC ${PROJECT_BINARY_DIR}/generated)
  add_dependencies(${name} ${name}_proto)
endfunction()

# raycord_program(path/foo_main.cc lib...): the program raycord-foo.
function(raycord_program main)
  get_filename_component(tool ${main} NAME_WE)
  string(REPLACE "_main" "" tool ${tool})
  string(REPLACE "_" "-" tool ${tool})
  if(NOT tool STREQUAL "raycord")
    set(tool raycord-${tool})
  endif()
  add_executable(${tool} ${main})
  target_link_libraries(${tool} PRIVATE ${ARGN})
  raycord_flags(${tool})
endfunction()

# Warnings and sanitizers, the same for every target.
function(raycord_flags target)
  target_compile_options(${target} PRIVATE -Wall -Wextra -Wshadow -Wconversion -Wswitch-enum
                         -Wnon-virtual-dtor -Wold-style-cast)
  if(RAYCORD_WERROR)
    target_compile_options(${target} PRIVATE -Werror)
  endif()
  if(RAYCORD_SANITIZE)
    target_compile_options(${target} PRIVATE -fsanitize=${RAYCORD_SANITIZE}
                           -fno-omit-frame-pointer -fno-sanitize-recover=all)
    target_link_options(${target} PUBLIC -fsanitize=${RAYCORD_SANITIZE})
  endif()
endfunction()
