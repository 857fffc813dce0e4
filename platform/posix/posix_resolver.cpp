// SPDX-License-Identifier: MIT
#include "platform/posix/posix_resolver.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cstring>

namespace observatory::posix {
namespace {

constexpr std::size_t kLongestName = 255;

// One lookup. Everything but `name` is read and written under `lock`; `name` is written before
// its thread starts and then read by that thread alone.
struct Place {
  // Whose lookup it is; null for an abandoned one, whose thread frees the place at its end.
  const PosixResolver* owner = nullptr;
  const PosixWaker* waker = nullptr;
  bool thread_runs = false;
  LookupState state = LookupState::kPending;
  std::uint8_t count = 0;
  std::array<IpAddress, PosixResolver::kMaxAddresses> addresses{};
  std::array<char, kLongestName + 1> name{};

  bool free() const { return owner == nullptr && !thread_runs; }
};

constinit std::array<Place, PosixResolver::kMaxLookups> places{};
pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

class Locked final {
 public:
  Locked() { pthread_mutex_lock(&lock); }
  ~Locked() { pthread_mutex_unlock(&lock); }
  Locked(const Locked&) = delete;
  Locked& operator=(const Locked&) = delete;
};

struct Answer {
  LookupState state = LookupState::kFailed;
  std::uint8_t count = 0;
  std::array<IpAddress, PosixResolver::kMaxAddresses> addresses{};

  void add(const IpAddress& address) {
    const auto end = addresses.begin() + count;
    if (count == addresses.size() || std::find(addresses.begin(), end, address) != end) return;
    addresses[count++] = address;
    state = LookupState::kFound;
  }
};

IpAddress from_v4(const void* network_order) {
  IpAddress address;
  std::memcpy(address.bytes.data(), network_order, 4);
  return address;
}

IpAddress from_v6(const void* network_order) {
  static constexpr std::uint8_t kMappedPrefix[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
  const auto* bytes = static_cast<const std::uint8_t*>(network_order);
  if (std::memcmp(bytes, kMappedPrefix, sizeof(kMappedPrefix)) == 0) return from_v4(bytes + 12);
  IpAddress address;
  address.family = IpAddress::Family::kV6;
  std::memcpy(address.bytes.data(), bytes, 16);
  return address;
}

bool read_literal(const char* name, Answer& answer) {
  std::uint8_t bytes[16];
  if (::inet_pton(AF_INET, name, bytes) == 1) {
    answer.add(from_v4(bytes));
  } else if (::inet_pton(AF_INET6, name, bytes) == 1) {
    answer.add(from_v6(bytes));
  }
  return answer.count > 0;
}

bool says_not_found(int error) {
#ifdef EAI_NODATA
  if (error == EAI_NODATA) return true;
#endif
  return error == EAI_NONAME;
}

void look_up(const char* name, Answer& answer) {
  addrinfo hints{};
  // No AI_ADDRCONFIG: which families this device can reach is for connecting to find out.
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int error = ::getaddrinfo(name, nullptr, &hints, &found);
  if (error != 0) {
    answer.state = says_not_found(error) ? LookupState::kNotFound : LookupState::kFailed;
    return;
  }
  answer.state = LookupState::kNotFound;  // until an address of a known family comes
  for (const addrinfo* entry = found; entry != nullptr; entry = entry->ai_next) {
    // Copied out, since what ai_addr points to need not be aligned for these types.
    if (entry->ai_family == AF_INET && entry->ai_addrlen >= sizeof(sockaddr_in)) {
      sockaddr_in v4;
      std::memcpy(&v4, entry->ai_addr, sizeof(v4));
      answer.add(from_v4(&v4.sin_addr));
    } else if (entry->ai_family == AF_INET6 && entry->ai_addrlen >= sizeof(sockaddr_in6)) {
      sockaddr_in6 v6;
      std::memcpy(&v6, entry->ai_addr, sizeof(v6));
      answer.add(from_v6(&v6.sin6_addr));
    }
  }
  ::freeaddrinfo(found);
}

void store(Place& place, const Answer& answer) {
  place.state = answer.state;
  place.count = answer.count;
  place.addresses = answer.addresses;
}

void* run_lookup(void* argument) {
  Place& place = *static_cast<Place*>(argument);
  Answer answer;
  look_up(place.name.data(), answer);

  const Locked locked;
  place.thread_runs = false;
  if (place.owner == nullptr) return nullptr;
  store(place, answer);
  // Under the lock: the owner's destructor takes it before the waker may go.
  place.waker->wake();
  return nullptr;
}

// A detached thread that takes no signals: they are for the event loop to see.
bool start_thread(Place& place) {
  pthread_attr_t attributes;
  if (pthread_attr_init(&attributes) != 0) return false;
  pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  // Some C libraries refuse sizes below theirs; their default then does.
  static_cast<void>(pthread_attr_setstacksize(&attributes, PosixResolver::kLookupStackBytes));
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  pthread_t thread;
  const int error = pthread_create(&thread, &attributes, run_lookup, &place);
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  pthread_attr_destroy(&attributes);
  return error == 0;
}

void give_up(Place& place) {
  place.owner = nullptr;
  place.waker = nullptr;
}

// Null unless `lookup` is held by `owner`.
Place* held_place(LookupId lookup, const PosixResolver* owner) {
  if (lookup < 0 || lookup >= PosixResolver::kMaxLookups) return nullptr;
  Place& place = places[static_cast<std::size_t>(lookup)];
  return place.owner == owner ? &place : nullptr;
}

}  // namespace

PosixResolver::~PosixResolver() {
  const Locked locked;
  for (Place& place : places) {
    if (place.owner == this) give_up(place);
  }
}

LookupId PosixResolver::start(std::string_view name) {
  const Locked locked;
  const auto place = std::find_if(places.begin(), places.end(),
                                  [](const Place& candidate) { return candidate.free(); });
  if (place == places.end()) return kNoLookup;

  Answer answer;
  const bool possible =
      !name.empty() && name.size() <= kLongestName && name.find('\0') == std::string_view::npos;
  if (possible) {
    std::memcpy(place->name.data(), name.data(), name.size());
    place->name[name.size()] = '\0';
  }
  if (!possible || read_literal(place->name.data(), answer)) {
    if (!possible) answer.state = LookupState::kNotFound;
    store(*place, answer);
    waker_.wake();
  } else {
    place->state = LookupState::kPending;
    place->count = 0;
    place->thread_runs = true;
    if (!start_thread(*place)) {
      place->thread_runs = false;
      return kNoLookup;
    }
  }
  // The new thread cannot have looked at these yet: it needs the lock.
  place->owner = this;
  place->waker = &waker_;
  return static_cast<LookupId>(place - places.begin());
}

LookupResult PosixResolver::poll(LookupId lookup, std::span<IpAddress> into) {
  const Locked locked;
  const Place* place = held_place(lookup, this);
  if (place == nullptr) return {LookupState::kFailed, 0};
  LookupResult result{place->state, 0};
  if (place->state == LookupState::kFound) {
    result.count = std::min<std::size_t>(place->count, into.size());
    std::copy_n(place->addresses.begin(), result.count, into.begin());
  }
  return result;
}

void PosixResolver::release(LookupId lookup) {
  const Locked locked;
  Place* place = held_place(lookup, this);
  if (place != nullptr) give_up(*place);
}

}  // namespace observatory::posix
