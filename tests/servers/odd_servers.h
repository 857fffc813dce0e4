// SPDX-License-Identifier: MIT
#pragma once

#include <memory>

#include "tests/servers/conversation.h"
#include "tests/servers/persona.h"

namespace observatory::demo {

// What a server does instead of, or with, an Electrum session.
enum class Behaviour {
  kElectrum,
  kSilent,          // accepts and never says anything; on a TLS port: never answers the hello
  kReset,           // RST as soon as the connection is there
  kResetMidReply,   // RST after half of its first reply
  kRefuse,          // bound, but not listening
  kFullBacklog,     // listening, but its queue is full: connections time out
  kGarbage,         // binary bytes
  kHttp,            // a web server
  kTlsOnTcpPort,    // TLS where plain text is announced; plain text gets a fatal alert
  kPlainOnTlsPort,  // plain text where TLS is announced
  kTlsAlert,        // a fatal handshake_failure to every hello
  kEndlessLine,     // a reply that does not end within 1 MB
  kMalformed,       // replies that are no JSON
  kNotJsonRpc,      // JSON that is no JSON-RPC
  kDribble,         // one byte every 50 ms
  kRateLimit,       // -101 to the first request, then closes
  kCloseOnAccept,   // closes as soon as the connection is there
};

// A conversation of that kind; `persona` outlives it. kRefuse and kFullBacklog have none.
std::unique_ptr<Conversation> make_conversation(Behaviour behaviour, const Persona& persona);

}  // namespace observatory::demo
