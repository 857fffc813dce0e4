// SPDX-License-Identifier: MIT
#pragma once

#include "platform/interface/resolver.h"
#include "platform/posix/posix_waker.h"

namespace observatory::posix {

// Resolver over getaddrinfo(), each lookup on a detached thread of its own; the waker ends
// PosixNetwork::wait() when one has ended. An IP literal (RFC 4291 section 2.2 without zone or
// brackets, or dotted quad) is answered within start(), without a thread.
//
// getaddrinfo() cannot be called off. A lookup that was released while its thread still runs
// keeps its place until the thread ends, which the C library's resolv.conf timeouts bound (by
// default 5 s, 2 attempts, per name server). For the same reason the places lie in static storage
// and belong to the process, not to one object: a thread that outlives its PosixResolver ends in
// valid memory and wakes nobody. The destructor therefore never waits.
//
// Memory: the places, about 500 bytes each, and kLookupStackBytes of address space for each
// running thread, of which only touched pages count. No heap beyond the C library's own.
class PosixResolver final : public Resolver {
 public:
  // Lookups that can be held at once, those of abandoned threads included.
  static constexpr int kMaxLookups = 40;

  // Addresses kept of one answer; later ones are dropped.
  static constexpr std::size_t kMaxAddresses = 16;

  // musl's resolver needs some 20 KiB (two answers of 4800 bytes and the queries on its stack),
  // glibc's with NSS modules to load more; musl's default of 128 KiB is known to do.
  static constexpr std::size_t kLookupStackBytes = 128 * 1024;

  explicit PosixResolver(PosixWaker& waker) : waker_(waker) {}

  // Gives up every lookup of this object. The waker may be destroyed afterwards.
  ~PosixResolver();
  PosixResolver(const PosixResolver&) = delete;
  PosixResolver& operator=(const PosixResolver&) = delete;

  // kNoLookup when the places are taken, or when the device cannot start another thread now. A
  // name that is empty, longer than 255 bytes or contains a zero byte ends as kNotFound: no such
  // name exists (RFC 1035 section 2.3.4).
  LookupId start(std::string_view name) override;

  // Addresses in getaddrinfo()'s order (RFC 6724), duplicates dropped. IPv4-mapped IPv6 addresses
  // (RFC 4291 section 2.5.5.2) are given as the IPv4 addresses that they are.
  // kNotFound for EAI_NONAME and EAI_NODATA, kFailed for every other failure; an id that is not
  // held is kFailed.
  LookupResult poll(LookupId lookup, std::span<IpAddress> into) override;

  void release(LookupId lookup) override;

 private:
  PosixWaker& waker_;
};

}  // namespace observatory::posix
