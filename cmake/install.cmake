# What `cmake --install` puts where. Folders that own an installed file list it here.
install(FILES ${PROJECT_SOURCE_DIR}/scripts/wireshark/vsm_ha.lua
  DESTINATION ${CMAKE_INSTALL_DATADIR}/wireshark/plugins)
