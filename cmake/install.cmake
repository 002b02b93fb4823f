# cmake --install build/release --prefix /usr: programs, units, and what one begins from. The files of
# share/fieldmedic lie to each other as in the repository, so that their relative paths hold.
include(GNUInstallDirs)

install(TARGETS fieldmedic-exporter fieldmedic-remediator fieldmedic RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})

set(FIELDMEDIC_SHARE ${CMAKE_INSTALL_DATADIR}/fieldmedic)
install(DIRECTORY rules dashboards alertmanager DESTINATION ${FIELDMEDIC_SHARE}
  PATTERN tests EXCLUDE)
install(DIRECTORY deploy DESTINATION ${FIELDMEDIC_SHARE}
  PATTERN systemd EXCLUDE)
install(DIRECTORY docs DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/fieldmedic)
install(FILES README.md README.zh-CN.md CHANGELOG.md LICENSE DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/fieldmedic)

# The units name /usr; another prefix, known only now, is put in its place.
install(CODE "
  foreach(unit fieldmedic-exporter fieldmedic-remediator)
    file(READ \"${CMAKE_SOURCE_DIR}/deploy/systemd/\${unit}.service\" text)
    string(REPLACE \"/usr/bin/fieldmedic\" \"\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_BINDIR}/fieldmedic\" text \"\${text}\")
    string(REPLACE \"/usr/share/\" \"\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_DATADIR}/\" text \"\${text}\")
    set(file \"\${CMAKE_INSTALL_PREFIX}/lib/systemd/system/\${unit}.service\")
    message(STATUS \"Installing: \$ENV{DESTDIR}\${file}\")
    file(WRITE \"\$ENV{DESTDIR}\${file}\" \"\${text}\")
  endforeach()
")
