# What cpack makes of a staged tree; make-deb.sh sets the environment.
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME electrum-probe)
set(CPACK_PACKAGE_VERSION $ENV{PACKAGE_VERSION})
set(CPACK_PACKAGE_FILE_NAME electrum-probe)
set(CPACK_INSTALLED_DIRECTORIES "$ENV{STAGE}/root;/")
set(CPACK_PACKAGING_INSTALL_PREFIX /)
set(CPACK_SET_DESTDIR ON)

set(CPACK_DEBIAN_PACKAGE_ARCHITECTURE $ENV{ARCHITECTURE})
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_MAINTAINER "The Electrum Observatory developers <observatory@example.org>")
set(CPACK_DEBIAN_PACKAGE_SECTION net)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_DEPENDS adduser)
set(CPACK_DEBIAN_COMPRESSION_TYPE xz)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
foreach(file conffiles postinst prerm postrm)
  list(APPEND CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA $ENV{STAGE}/control/${file})
endforeach()
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "visit Electrum servers and record what they answer")
set(CPACK_PACKAGE_DESCRIPTION
"electrum-probe connects to public Electrum servers over TCP and TLS, one at a
time, eight requests a visit, and writes down facts: reachability, times,
protocol, banner, peers, tip, TLS and certificates. It sends nothing about
addresses or transactions, and reports to nobody: the records stay on this
machine.
.
A systemd timer makes a visit to the bundled list of Bitcoin servers every
hour, from its installation on. The servers see this machine's address.")
