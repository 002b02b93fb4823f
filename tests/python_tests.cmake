# Tests in Python: Debian's interpreter, whatever else comes first in PATH.
set(FIELDMEDIC_PYTHON /usr/bin/python3)

# A line "SKIP: reason" marks a test as skipped, as everywhere.
function(fieldmedic_python_test NAME LABEL)
  add_test(NAME "${NAME}" COMMAND ${FIELDMEDIC_PYTHON} -B ${ARGN} WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
  set_tests_properties("${NAME}" PROPERTIES LABELS "${LABEL};python" TIMEOUT 120
    SKIP_REGULAR_EXPRESSION "(^|\n)SKIP: "
    ENVIRONMENT "FIELDMEDIC_BIN=${CMAKE_RUNTIME_OUTPUT_DIRECTORY};PYTHONPATH=${CMAKE_SOURCE_DIR}/scripts")
endfunction()

fieldmedic_python_test("layers: the sources keep their layers" unit tests/layers/check_layers.py)
fieldmedic_python_test("layers: every rule can fail" unit tests/layers/rules_test.py)
fieldmedic_python_test("scripts: the parts of the loop" integration tests/scripts/loop_test.py)
fieldmedic_python_test("scripts: the count of the tests" unit tests/scripts/test_report_test.py)
fieldmedic_python_test("config: the schemas and the readers agree" unit tests/config/schema_test.py)

# rules/, alertmanager/, deploy/ and dashboards/. `series` needs a live scrape of both daemons: the
# end-to-end tests give it one.
foreach(check rules rule-tests coverage labels scrape-config alertmanager routes inhibition dashboards)
  fieldmedic_python_test("rules: check ${check}" unit tests/rules/check.py ${check})
endforeach()
foreach(check queries delivery)
  fieldmedic_python_test("rules: check ${check}" integration tests/rules/check.py ${check})
endforeach()
