// SPDX-License-Identifier: MIT
#pragma once

#include <string>

namespace observatory::test {

// Gives the calling process, and whatever it starts from then on, a network that has nothing but
// the loopback interface, and an /etc/resolv.conf of its own with this text: names go to name
// servers of the test, and what would lead out of the machine leads nowhere. Linux alone
// (unshare(2)); needs root or user namespaces, and a process with one thread. Says why it could not
// be had; empty when it could, also when it was had before (with the text of then).
std::string isolate_network(const std::string& resolv_conf);

// Connections that programs of that network have begun to open, and that were accepted, since it
// began; -1 where the kernel does not tell.
long connections_begun();
long connections_accepted();

}  // namespace observatory::test
