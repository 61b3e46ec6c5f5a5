# What other programs are built with: libha.a and libvem.a, each the archives of its folders in one,
# their headers, pkg-config files and the CMake package vsm-ha with the targets vsm-ha::ha and
# vsm-ha::vem. The registry of modules is the supervisor's side, so libha.a has it. Made by the
# targets ha and vem, installed as the component development, neither of them unless asked for.
include(CMakePackageConfigHelpers)
get_property(rooms GLOBAL PROPERTY VSM_HA_LIBRARIES)
foreach(library ha vem)
  set(${library}_rooms ${rooms})
  list(FILTER ${library}_rooms INCLUDE REGEX "^${library}-")
endforeach()
list(REMOVE_ITEM vem_rooms vem-registry)
list(APPEND ha_rooms vem-registry)

foreach(library ha vem)
  list(TRANSFORM ${library}_rooms REPLACE "(.+)" "$<TARGET_OBJECTS:\\1>")
  add_library(${library} STATIC EXCLUDE_FROM_ALL ${${library}_rooms})
  set_target_properties(${library} PROPERTIES LINKER_LANGUAGE CXX)
  target_compile_features(${library} INTERFACE cxx_std_20)
  target_include_directories(${library} INTERFACE $<INSTALL_INTERFACE:include/vsm-ha>)
endforeach()
# All that the rooms use; programs that call only some of it do not become larger by the rest.
target_link_libraries(ha PUBLIC tl::expected nlohmann_json::nlohmann_json spdlog::spdlog yaml-cpp
  Boost::headers Threads::Threads PkgConfig::SODIUM PkgConfig::PCAP PkgConfig::NL PkgConfig::LMDB
  PkgConfig::NETSNMP PkgConfig::RE2 PkgConfig::SYSTEMD)
target_link_libraries(vem PUBLIC ha)

set(only_if_asked COMPONENT development EXCLUDE_FROM_ALL)
install(TARGETS ha vem EXPORT vsm-ha-targets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR}
  ${only_if_asked})
foreach(folder libha libvem)
  install(DIRECTORY ${PROJECT_SOURCE_DIR}/${folder}
    DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/vsm-ha ${only_if_asked} FILES_MATCHING PATTERN "*.hpp")
endforeach()
set(package ${CMAKE_INSTALL_LIBDIR}/cmake/vsm-ha)
install(EXPORT vsm-ha-targets NAMESPACE vsm-ha:: DESTINATION ${package} ${only_if_asked})
configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/vsm-ha-config.cmake.in
  ${PROJECT_BINARY_DIR}/vsm-ha-config.cmake INSTALL_DESTINATION ${package})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/vsm-ha-config-version.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/vsm-ha-config.cmake
  ${PROJECT_BINARY_DIR}/vsm-ha-config-version.cmake DESTINATION ${package} ${only_if_asked})
foreach(library libha libvem)
  # When it is installed, because `cmake --install --prefix` may name another place.
  install(CODE "
    set(CMAKE_INSTALL_FULL_LIBDIR \"\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_LIBDIR}\")
    set(CMAKE_INSTALL_FULL_INCLUDEDIR \"\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_INCLUDEDIR}\")
    set(PROJECT_VERSION \"${PROJECT_VERSION}\")
    configure_file(\"${CMAKE_CURRENT_LIST_DIR}/${library}.pc.in\"
      \"${PROJECT_BINARY_DIR}/installed/${library}.pc\" @ONLY)" ${only_if_asked})
  install(FILES ${PROJECT_BINARY_DIR}/installed/${library}.pc
    DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig ${only_if_asked})
endforeach()
