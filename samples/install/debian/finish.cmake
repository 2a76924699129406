# SPDX-License-Identifier: Apache-2.0
# CPack runs this on what it has installed, before it becomes a package.
execute_process(COMMAND ${CPACK_TESTUDO_SOURCE}/samples/install/debian/finish ${CPACK_TEMPORARY_DIRECTORY}
  ${CPACK_TESTUDO_SOURCE} ${CPACK_PACKAGE_VERSION} ${CPACK_PACKAGE_CONTACT} RESULT_VARIABLE status)
if(NOT status EQUAL 0)
  message(FATAL_ERROR "the package cannot be finished")
endif()
