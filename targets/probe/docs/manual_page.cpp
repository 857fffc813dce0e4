// SPDX-License-Identifier: MIT
#include <sstream>

#include "targets/probe/docs/documents.h"
#include "targets/probe/option_table.h"

namespace observatory::docs {
namespace {

constexpr std::string_view kChanged = "2026-11-22";  // the day of the last change to the page

// What only the manual says, in the order of option_rows().
struct Manual {
  std::string_view text;
};
constexpr Manual kManual[] = {
#define OPTION(id, letter, name, argument, kind, words, least, most, help, manual) {manual},
#include "targets/probe/command_line.def"
};
static_assert(std::size(kManual) == kOptionCount);

class StringSink final : public ByteSink {
 public:
  void put(ByteView bytes) override { text_ += as_text(bytes); }
  using ByteSink::put;
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

// Text that stands as it is: each hyphen is the one of the keyboard.
std::string literal(std::string_view text) {
  std::string roff;
  for (const char c : text) {
    if (c == '-') {
      roff += "\\-";
    } else if (c == '\\') {
      roff += "\\e";
    } else {
      roff += c;
    }
  }
  return roff;
}

bool ends_word(char c) { return !(c >= 'a' && c <= 'z') && c != '-'; }

// A sentence a line, options in bold, and `argument` in italics.
std::string prose(std::string_view text, std::string_view argument = {}) {
  std::string roff;
  while (!text.empty()) {
    if (text.starts_with("--") || text.starts_with("- ")) {
      std::size_t end = 1;
      while (end < text.size() && !ends_word(text[end])) ++end;
      roff += "\\fB" + literal(text.substr(0, end)) + "\\fR";
      text.remove_prefix(end);
    } else if (!argument.empty() && text.starts_with(argument) &&
               (roff.empty() || roff.back() == ' ' || roff.back() == '\n')) {
      roff += "\\fI" + std::string(argument) + "\\fR";
      text.remove_prefix(argument.size());
    } else if (text.starts_with(". ")) {
      roff += ".\n";
      text.remove_prefix(2);
    } else {
      roff += text.front();
      text.remove_prefix(1);
    }
  }
  return roff;
}

void put_option(const OptionRow& row, std::string_view manual, std::ostream& into) {
  const bool takes_value = row.kind != ArgumentKind::kNone;
  into << ".TP\n";
  if (row.letter != 0) into << "\\fB\\-" << row.letter << "\\fR, ";
  into << "\\fB\\-\\-" << literal(row.name) << "\\fR";
  if (takes_value) into << " \\fI" << row.argument << "\\fR";
  StringSink text;
  put_text(row, manual, text);
  into << '\n' << prose(text.text(), takes_value ? row.argument : "") << '\n';
}

constexpr std::string_view kBeginning = R"(.SH NAME
electrum\-probe \- visit Electrum servers and record what is seen
.SH SYNOPSIS
.B electrum\-probe
.RI [ OPTIONS ]
.RI [ ENDPOINT ...]
.SH DESCRIPTION
.B electrum\-probe
visits Electrum servers and writes down facts about each: whether it was reached and why not, the
times of name lookup, TCP connect, TLS handshake and replies, the protocol version, banner,
features, donation address, peers and tip, TLS version, cipher and certificate, and the habits of
the bytes on the wire.
.PP
A visit is one connection with eight requests of published methods and at most five pings.
Nothing is asked about addresses or transactions, and no server is visited that was not listed,
unless
.B \-\-discover
or
.B \-\-dns\-seed
asks for it.
.PP
Servers are visited one at a time, or a few with
.BR \-\-slots .
The memory of a run is taken before the first visit.
.SH OPTIONS
)";

constexpr std::string_view kMiddle = R"(.SH ENDPOINTS
On the command line an
.I ENDPOINT
is one of
.TP
.IB host : port :t
spoken to over TCP;
.TP
.IB host : port :s
spoken to over TLS;
.TP
.I host
both, on the default ports: 50001 and 50002, or 51001 and 51002 with
.B \-\-chain
of a test network.
.PP
An IPv6 address stands in brackets where a port follows.
.PP
A list has one server a line: a host, then words like
.B t50001
and
.B s50002
for its ports;
.B t
or
.B s
alone is the default port.
Whatever may stand on the command line may be a line, too.
What follows a # is a comment.
A line that cannot be read is told with its number and the reason, and the others are visited.
.PP
An endpoint that is listed again is visited once.
.PP
Endpoints that servers announce, and addresses out of the DNS, are visited when they are global: not
private, shared, loopback, link\-local, multicast, reserved or for documentation, nor such an IPv4
address inside an IPv6 address.
The last record counts what was announced, followed and refused.
.SH MANNERS
Whatever is listed and however often, within a run:
.IP \(bu 2
one connection at a time to an address, and five seconds from the end of a visit to the next one;
.IP \(bu 2
a second between two visits into one network (a /24 of IPv4, a /48 of IPv6);
.IP \(bu 2
in any hour two visits to an endpoint (address and port), twelve to an address, sixty into a
network;
.IP \(bu 2
a server that says that it limits us is left alone for six hours, the whole address; one that closes
or resets the connection in the place of an answer, that endpoint;
.IP \(bu 2
who is named by
.B \-\-opt\-out
is not connected to at all.
.PP
No option turns this off.
Visits for which it is too early wait while others are made;
those to servers that are left alone end as
.BR held_back ,
those to servers that opted out as
.BR opted_out .
Addresses of this machine itself (127.0.0.0/8 and ::1) need no pause.
A run knows nothing of the one before it: start them half an hour apart or more.
.SH FILES
With
.B \-\-keep
the log is two files,
.I FILE
and the one before it,
.IR FILE .1.
.I FILE
is saved to the disk and then renamed, which replaces
.IR FILE .1
at one stroke:
.IR FILE .1
holds whole records only, and each record stands in one of the two until it is among the oldest.
.IP \(bu 2
To follow the log, use
.BR "tail \-F" ,
which goes on with the new file.
.IP \(bu 2
To fetch it with
.BR rsync (1),
fetch
.I FILE
first and
.IR FILE .1
after it, and more often than the log fills half of its ceiling.
What is renamed in between then arrives twice rather than never; the members
.BR vantage ,
.B run
and
.B seq
together tell a record from every other.
.IP \(bu 2
.I FILE
must be a regular file: what a symbolic link leads to could not be renamed.
Only one run at a time may write to it.
.IP \(bu 2
A file that is longer than the ceiling allows loses its oldest records when the run begins.
.IP \(bu 2
A record that is longer than half of the ceiling is left out, and the run ends with status 1.
.SH EXIT STATUS
)";

constexpr std::string_view kSignals = R"(.SH SIGNALS
.B SIGINT
and
.B SIGTERM
end the run soon: the visits under way are dropped, the last record says that it was interrupted,
and the exit status is 1.
.B SIGPIPE
is ignored: that the reader of the records has gone is told as an error.
.SH EXAMPLES
)";

constexpr std::string_view kEnd = R"(.SH SEE ALSO
.B electrum\-observatory decode
reads the records, and
.B electrum\-observatory format
describes them.
)";

// Breaks lines of text where they would have more than 79 bytes; requests and examples stay.
std::string wrapped(const std::string& page) {
  constexpr std::size_t kLongest = 79;
  std::istringstream lines(page);
  std::string text;
  bool example = false;
  for (std::string line; std::getline(lines, line);) {
    if (line == ".EX" || line == ".EE") example = line == ".EX";
    while (line.size() > kLongest && !example && line[0] != '.') {
      const std::size_t blank = line.rfind(' ', kLongest);
      if (blank == std::string::npos) break;
      text += line.substr(0, blank) + '\n';
      line.erase(0, blank + 1);
    }
    text += line + '\n';
  }
  return text;
}

}  // namespace

std::string manual_page() {
  std::ostringstream page;
  page << ".\\\" Made by describe_options from targets/probe/command_line.def. Do not edit.\n"
       << ".TH ELECTRUM\\-PROBE 1 " << kChanged << " \"electrum\\-probe " OBSERVATORY_VERSION
       << "\" \"User Commands\"\n"
       << kBeginning;
  for (std::size_t i = 0; i < kOptionCount; ++i)
    put_option(option_rows()[i], kManual[i].text, page);
  page << kMiddle;
  for (const ExitRow& row : exit_rows()) {
    page << ".TP\n" << row.status << '\n' << prose(row.meaning) << '\n';
  }
  page << kSignals;
  for (const Example& example : examples()) {
    page << prose(example.meaning) << "\n.PP\n.RS 4\n.EX\n"
         << literal(example.command) << "\n.EE\n.RE\n.PP\n";
  }
  std::string text = page.str();
  text.erase(text.rfind(".PP\n"));  // behind the last example
  return wrapped(text + std::string(kEnd));
}

}  // namespace observatory::docs
