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

# vsm_ha_unit(UNIT DAEMON INSTANCE DESCRIPTION COMMENT): a service from the one template. "lib" also
# where libraries live in a multiarch folder: systemd looks nowhere else.
function(vsm_ha_unit unit UNIT_DAEMON UNIT_INSTANCE UNIT_DESCRIPTION UNIT_COMMENT)
  configure_file(${PROJECT_SOURCE_DIR}/systemd/daemon.service.in
    ${PROJECT_BINARY_DIR}/systemd/${unit}.service @ONLY)
  install(FILES ${PROJECT_BINARY_DIR}/systemd/${unit}.service DESTINATION lib/systemd/system)
endfunction()
set(supervisor "Supervisor of an active/standby pair")
set(module "Module of a supervisor pair")
foreach(daemon vsmd vemd)
  string(REPLACE vsmd "${supervisor}" description ${daemon})
  string(REPLACE vemd "${module}" description ${description})
  vsm_ha_unit(${daemon} ${daemon} ${daemon} "${description}"
    "The one ${daemon} of a host: /etc/vsm-ha/${daemon}.yaml; ${daemon}@.service is for several.")
  vsm_ha_unit(${daemon}@ ${daemon} %i "${description} (%i)"
    "One of several ${daemon} of a host: ${daemon}@NAME reads /etc/vsm-ha/NAME.yaml.")
endforeach()
install(FILES ${PROJECT_SOURCE_DIR}/systemd/vsm-ha.target DESTINATION lib/systemd/system)
install(FILES ${PROJECT_SOURCE_DIR}/systemd/vsm-ha.sysusers.conf RENAME vsm-ha.conf
  DESTINATION lib/sysusers.d)

file(GLOB samples CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/configs/*.yaml)
install(FILES ${samples} ${PROJECT_SOURCE_DIR}/configs/VSM-HA-MIB.txt
  DESTINATION ${CMAKE_INSTALL_DOCDIR}/examples)
install(PROGRAMS ${PROJECT_SOURCE_DIR}/configs/vrrp-notify
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
