// SPDX-License-Identifier: MIT
// Where records, and the parts that can be read on their own, begin and end in a file that is there
// already.
#pragma once

#include <sys/types.h>

#include "platform/interface/bytes.h"
#include "targets/probe/options.h"

namespace observatory {

enum class Mended : std::uint8_t {
  kWhole,      // the file ends with a whole record, as it did or from now on
  kOtherKind,  // it holds something else than records of this format, and was left alone
  kFailed,     // posix::last_error() says why
};

// Makes good what a power cut tore off the end of a regular, not empty file: a torn last line of
// JSON Lines is ended, a torn last record of a CBOR sequence (or zeros where the file had grown
// already) is cut off. A file that cannot be read passes for whole. `work` is for reading in
// pieces.
Mended mend_end(int descriptor, Format format, MutableByteView work);

// Where such a file of mended records may be cut so that everything from there on can be read: the
// first place at or after `from` where a line begins, or in a CBOR sequence a `run` record, since
// records refer to those before them in their segment (core/record/cbor_segment.h). The file's size
// when there is none, -1 when it cannot be read.
off_t first_cut_from(int descriptor, Format format, off_t from, MutableByteView work);

}  // namespace observatory
