# Fails when libcore.a asks the linker for a clock, a file, a socket, a thread or randomness.
# Run as: cmake -DNM=<nm> -DARCHIVE=<libcore.a> -P check_core_purity.cmake
execute_process(COMMAND ${NM} --undefined-only --demangle ${ARCHIVE} OUTPUT_VARIABLE symbols
                COMMAND_ERROR_IS_FATAL ANY)
set(forbidden
  "(system|steady|high_resolution)_clock::now|clock_gettime|gettimeofday| time$|random_device"
  "getenv| s?rand$|setlocale|basic_[io]?fstream|std::c(out|err|in)$| f?open(64)?$"
  " socket$| connect$|pthread_create|std::thread|condition_variable|rocksdb::|curl_|simdjson::")
list(JOIN forbidden "|" forbidden)
string(REPLACE "\n" ";" lines "${symbols}")
set(found "")
foreach(line IN LISTS lines)
  if(line MATCHES "^ +U " AND line MATCHES "${forbidden}")
    list(APPEND found "${line}")
  endif()
endforeach()
if(found)
  list(JOIN found "\n" found)
  message(FATAL_ERROR "core must stay pure (docs/determinism.md), but it uses:\n${found}")
endif()
