# SPDX-License-Identifier: Apache-2.0
# testudo_VERSION_ARCHITECTURE.deb: `cpack` in the folder of the build (docs/manual/install.md).
set(TESTUDO_MAINTAINER "Testudo maintainers <maintainers@testudo.example>" CACHE STRING
  "who stands in the package")

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME testudo)
set(CPACK_PACKAGE_CONTACT ${TESTUDO_MAINTAINER})
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "GET VPN (GDOI) router that is typed in IOS")
set(CPACK_DEBIAN_PACKAGE_DESCRIPTION
"A router's shell takes the commands that a network engineer knows; a compiler
turns the configuration into a policy and says what is wrong with it; a
runtime makes the policy true: a GDOI key server (RFC 6407), group members,
and ESP that preserves the IP header.
.
Labs of many routers are played on one machine, without rights; as a service,
this machine is such a router.")
set(CPACK_SET_DESTDIR ON)
set(CPACK_INSTALL_PREFIX /usr)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ
  GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION net)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_DEPENDS "systemd | systemd-standalone-sysusers | systemd-sysusers")
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "iproute2")
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "openssh-client, graphviz")
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
foreach(file postinst prerm postrm conffiles)
  list(APPEND CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA ${CMAKE_CURRENT_LIST_DIR}/${file})
endforeach()
set(CPACK_TESTUDO_SOURCE ${PROJECT_SOURCE_DIR})
set(CPACK_PRE_BUILD_SCRIPTS ${CMAKE_CURRENT_LIST_DIR}/finish.cmake)
include(CPack)
