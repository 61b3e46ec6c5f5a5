# What `cmake --install` puts where: programs, manual pages, units, samples, documents, completion
# and the dissector. test/install/expected.txt lists the result, and the test install_tree compares.
foreach(daemon vsmd vemd)
  if(TARGET ${daemon})
    install(TARGETS ${daemon} RUNTIME DESTINATION ${CMAKE_INSTALL_SBINDIR})
  endif()
endforeach()
foreach(tool vsmsh vsm-sim)
  if(TARGET ${tool})
    install(TARGETS ${tool} RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
  endif()
endforeach()

foreach(section 1 5 7 8)
  file(GLOB pages CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/docs/man/*.${section})
  install(FILES ${pages} DESTINATION ${CMAKE_INSTALL_MANDIR}/man${section})
endforeach()

foreach(unit vsmd vsmd@ vemd vemd@)
  configure_file(${PROJECT_SOURCE_DIR}/systemd/${unit}.service.in
    ${PROJECT_BINARY_DIR}/systemd/${unit}.service @ONLY)
  # "lib" also where libraries live in a multiarch folder: systemd looks nowhere else.
  install(FILES ${PROJECT_BINARY_DIR}/systemd/${unit}.service DESTINATION lib/systemd/system)
endforeach()

file(GLOB samples CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/configs/*.yaml)
install(FILES ${samples} ${PROJECT_SOURCE_DIR}/configs/VSM-HA-MIB.txt
  DESTINATION ${CMAKE_INSTALL_DOCDIR}/examples)
file(GLOB documents CONFIGURE_DEPENDS
  ${PROJECT_SOURCE_DIR}/docs/*.md ${PROJECT_SOURCE_DIR}/docs/*.svg)
install(FILES ${PROJECT_SOURCE_DIR}/README.md ${PROJECT_SOURCE_DIR}/LICENSE
  DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(FILES ${documents} DESTINATION ${CMAKE_INSTALL_DOCDIR}/docs)
file(GLOB operations CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/docs/operations/*.md)
install(FILES ${operations} DESTINATION ${CMAKE_INSTALL_DOCDIR}/docs/operations)

foreach(program vsmd vemd vsmsh vsm-sim)
  install(FILES ${PROJECT_SOURCE_DIR}/completions/vsm-ha.bash RENAME ${program}
          DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)
endforeach()
install(FILES ${PROJECT_SOURCE_DIR}/scripts/wireshark/vsm_ha.lua
  DESTINATION ${CMAKE_INSTALL_DATADIR}/wireshark/plugins)
