# Tests in Python: Debian's interpreter, whatever else comes first in PATH.
set(FIELDMEDIC_PYTHON /usr/bin/python3)

# A line "SKIP: reason" marks a test as skipped, as everywhere. The times are those of a slow machine: they
# are spent only where a test hangs.
function(fieldmedic_python_test NAME LABEL)
  add_test(NAME "${NAME}" COMMAND ${FIELDMEDIC_PYTHON} -B ${ARGN} WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
  set_tests_properties("${NAME}" PROPERTIES LABELS "${LABEL};python" TIMEOUT 600
    SKIP_REGULAR_EXPRESSION "(^|\n)SKIP: "
    ENVIRONMENT "FIELDMEDIC_BIN=${CMAKE_RUNTIME_OUTPUT_DIRECTORY};PYTHONPATH=${CMAKE_SOURCE_DIR}/scripts;FIELDMEDIC_PATIENCE=4")
endfunction()

fieldmedic_python_test("layers: the sources keep their layers" unit tests/layers/check_layers.py)
fieldmedic_python_test("layers: every rule can fail" unit tests/layers/rules_test.py)
fieldmedic_python_test("scripts: the parts of the loop" integration tests/scripts/loop_test.py)
fieldmedic_python_test("scripts: the count of the tests" unit tests/scripts/test_report_test.py)
fieldmedic_python_test("scripts: what CI makes of a test that fails once" unit tests/scripts/ci_test.py)
fieldmedic_python_test("scripts: the build waits its turn and does without ccache" unit tests/scripts/build_test.py)
fieldmedic_python_test("scripts: each says what it does" unit tests/scripts/help_test.py)
fieldmedic_python_test("scripts: the installation of packages" unit tests/scripts/setup_test.py)
fieldmedic_python_test("scripts: the mutations of the core fit its sources" unit tests/scripts/mutate_test.py)
fieldmedic_python_test("kubernetes: the API of the tests goes by npm's schemas" kubernetes tests/lab/kubernetes/schemas_test.py)
fieldmedic_python_test("link: the active slave of a bond, in a kernel that has bonds" link tests/e2e/link_switch_bond_test.py)
fieldmedic_python_test("tls: a real Prometheus scrapes over mutual TLS" integration tests/e2e/tls_test.py)
fieldmedic_python_test("install: the programs, the units and what they name" integration tests/scripts/install_test.py)
fieldmedic_python_test("config: the schemas and the readers agree" unit tests/config/schema_test.py)

# rules/, alertmanager/, deploy/ and dashboards/. `series` needs a live scrape of both daemons: the
# end-to-end tests give it one.
foreach(check rules rule-tests coverage labels runbooks scrape-config alertmanager routes inhibition dashboards)
  fieldmedic_python_test("rules: check ${check}" unit tests/rules/check.py ${check})
endforeach()
foreach(check queries delivery)
  fieldmedic_python_test("rules: check ${check}" integration tests/rules/check.py ${check})
endforeach()

# Real servers, collectors and daemons, beside each other: a story with the whole loop waits for its alerts
# most of the time.
function(fieldmedic_story FILE NAME)
  fieldmedic_python_test("e2e: ${NAME}" e2e tests/e2e/${FILE}_test.py)
  set_tests_properties("e2e: ${NAME}" PROPERTIES TIMEOUT 1200)
endfunction()

fieldmedic_story(comes_back "a killed collector comes back and every query names live series")
fieldmedic_story(handed_over "a collector that cannot come back is handed over")
fieldmedic_story(alertmanager_away "Alertmanager is killed during the incident")
fieldmedic_story(crash "the remediator is killed between intent and result")
fieldmedic_story(data_divert "a slow disk is left for a time and every record counts once")
fieldmedic_story(ladder "a bad configuration is rolled back after two remedies that do not help")
fieldmedic_story(container_restart "a container that ended is restarted and its log kept")
fieldmedic_story(far_container "a container of the engine of another host is restarted over TLS")
fieldmedic_story(cleared_restart "a unit is stopped, cleared and started, and the remediator dies in between")
fieldmedic_story(link_switch "a lossy link is left for a time and every record arrives once")
fieldmedic_story(failover "a leader is fenced, its standby leads once its lease ran out, and it is led back")
fieldmedic_story(storage_restart "a storage service is restarted and its mount checked after it")
fieldmedic_story(host_cut_off "a host that is cut off hands over and is rebooted over SSH")
fieldmedic_story(silent_host "a host that hangs is reset by its management controller")
fieldmedic_story(group_fault "the members of a group fail at once and are one incident")
fieldmedic_story(scale_out "success falls, one more instance runs, and goes when the load does")
fieldmedic_story(up "scripts up names a busy port and leaves nothing behind")
fieldmedic_story(webhook "webhooks are checked before anything is done")
fieldmedic_story(intake_lost "what did not come in whole is asked back")
fieldmedic_story(config "configuration faults and reloads")
fieldmedic_story(full_disk "a full disk under the journal")
fieldmedic_story(journal_faults "a journal that cannot be had is refused and left as it is")
fieldmedic_story(tool "the operator's tool against the running remediator")
fieldmedic_story(session "a collector in a session of screen or tmux is started in one again")
fieldmedic_story(host_reboot "a host is not rebooted when its drain fails or it is called off")
fieldmedic_story(own_host_reboot "the remediator reboots the host that it runs on and goes on")
fieldmedic_story(kill "the remediator is killed at any moment")
fieldmedic_story(zookeeper_helper "what ends the process that asks ZooKeeper ends nothing else")
# Beside each other; each a class of its own. The longest of all tests: begun first, or one of them would run
# alone for minutes at the end.
foreach(action ProcessRestart Exec SystemdRestart KubernetesRestart DataDivert Failover HostReboot Orders)
  fieldmedic_python_test("e2e: the remediator dies at every place around ${action}" e2e
    tests/e2e/crash_matrix_test.py ${action})
  set_tests_properties("e2e: the remediator dies at every place around ${action}" PROPERTIES TIMEOUT 1800 COST 1000)
endforeach()
foreach(action CacheClear ContainerRestart DivertByFile DivertByKey ProcessRestartOverSsh SystemdRestartOverSsh LinkSwitch ScaleOut ScaleOutClones ScaleOutGroup)
  fieldmedic_python_test("e2e: the remediator dies at every place around ${action}" e2e
    tests/e2e/crash_matrix_lab_test.py ${action})
  set_tests_properties("e2e: the remediator dies at every place around ${action}" PROPERTIES TIMEOUT 1800 COST 1000)
endforeach()
