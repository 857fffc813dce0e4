// SPDX-License-Identifier: MIT
#include "core/run/manners.h"

#include <algorithm>
#include <limits>

#include "core/base/ip_network.h"

namespace observatory {
namespace {

using Tick = std::uint32_t;

constexpr Micros kTick = 100 * kMillisecond;

constexpr Tick ticks(Micros length) { return static_cast<Tick>(length / kTick); }

constexpr Tick kSpan = ticks(10 * manners::kMinute);
// An entry counts no more once all its spans are an hour old.
constexpr Tick kRemembered = 7 * kSpan;

struct Rule {
  Tick gap;         // from `last`
  unsigned hourly;  // by `counts`; 0: the pair of `before` and now, exactly
};

constexpr Rule kRules[] = {
    {0, 0},
    {ticks(manners::kAddressGap), manners::kAddressHourly},
    {ticks(manners::kNetworkGap), manners::kNetworkHourly},
};
// Exact, so that visits every 1800 s are in time for ever: with spans each third would be late.
static_assert(manners::kEndpointHourly == 2);
static_assert(manners::kAddressHourly <= 255 && manners::kNetworkHourly <= 255);

}  // namespace

void Manners::start(const KeyedHash::Key& key, Instant now) {
  key_ = key;
  start_ = now;
  entries_.fill({});
}

Permission Manners::ask(const Place& place, Instant now) const {
  const Tick tick = tick_of(now);
  Tick allowed = 0;
  std::array<std::size_t, kLevels.size()> rows_wanted{};
  std::size_t wanted = 0;  // places that the visit needs in the table
  for (const Level level : kLevels) {
    if (!applies(level, place)) continue;
    const std::uint64_t key = key_of(level, place);
    const Entry* const entry = find(key);
    if (entry != nullptr) {
      if (instant_of(entry->until) > now) return {Permission::Kind::kHeldBack, {}};
      allowed = std::max(allowed, allowed_at(level, *entry, tick));
      continue;
    }
    const std::size_t row = row_of(key);
    const auto same = std::count(rows_wanted.begin(),
                                 rows_wanted.begin() + static_cast<std::ptrdiff_t>(wanted), row);
    rows_wanted[wanted++] = row;
    allowed = std::max(allowed, room_at(key, static_cast<std::size_t>(same) + 1));
  }
  const Instant at = instant_of(allowed);
  if (at <= now) return {Permission::Kind::kNow, {}};
  return {Permission::Kind::kNotBefore, at};
}

void Manners::enter(const Place& place, Instant now) {
  const Tick tick = tick_of(now);
  for (const Level level : kLevels) {
    if (!applies(level, place)) continue;
    const std::uint64_t key = key_of(level, place);
    Entry* const found = find(key);
    Entry& entry = found != nullptr ? *found : take_place(key, tick);
    entry.before = entry.last;
    advance(entry, tick);
    if (entry.counts[0] < 255) ++entry.counts[0];
  }
}

void Manners::leave(const Place& place, Instant now) {
  if (!applies(Level::kAddress, place)) return;
  Entry* const entry = find(key_of(Level::kAddress, place));
  if (entry != nullptr) advance(*entry, tick_of(now));
}

void Manners::back_off_address(const Place& place, Instant now) {
  back_off(Level::kAddress, place, now);
}

void Manners::back_off_endpoint(const Place& place, Instant now) {
  back_off(Level::kEndpoint, place, now);
}

void Manners::back_off(Level level, const Place& place, Instant now) {
  if (!applies(level, place)) return;
  Entry* const entry = find(key_of(level, place));
  if (entry != nullptr) entry->until = tick_of(now) + ticks(manners::kBackOff);
}

bool Manners::applies(Level level, const Place& place) const {
  return place.name.empty() ? !is_loopback(place.ip) : level != Level::kNetwork;
}

std::uint64_t Manners::key_of(Level level, const Place& place) const {
  KeyedHash hash(key_);
  hash.put_byte(static_cast<std::uint8_t>(level));
  if (level == Level::kEndpoint) {
    hash.put_byte(static_cast<std::uint8_t>(place.port >> 8));
    hash.put_byte(static_cast<std::uint8_t>(place.port & 0xff));
  }
  if (place.name.empty()) {
    // A translated or mapped form is not loopback here, so that nothing dressed up as it is spared.
    const IpAddress ip = plain_form(place.ip);
    const bool v4 = ip.family == IpAddress::Family::kV4;
    unsigned bits = v4 ? 32 : 128;
    if (level == Level::kNetwork) bits = v4 ? manners::kNetworkBitsV4 : manners::kNetworkBitsV6;
    hash.put_byte(v4 ? 4 : 6);
    hash.put(network_of(ip, bits).ip.bytes);
  } else {
    hash.put_byte(0);
    hash.put(place.name);
  }
  return hash.finish();
}

std::size_t Manners::row_of(std::uint64_t key) {
  return static_cast<std::size_t>(key >> 32) % kRows;
}

Tick Manners::tick_of(Instant at) const {
  return static_cast<Tick>((at - start_ + kTick - 1) / kTick) + kRemembered;
}

Instant Manners::instant_of(Tick tick) const {
  return start_ + (Micros{tick} - Micros{kRemembered}) * kTick;
}

const Manners::Entry* Manners::find(std::uint64_t key) const {
  const auto row = entries_.begin() + static_cast<std::ptrdiff_t>(row_of(key) * kWays);
  const auto tag = static_cast<std::uint32_t>(key);
  const auto found =
      std::find_if(row, row + kWays, [&](const Entry& entry) { return entry.tag == tag; });
  return found == row + kWays ? nullptr : &*found;
}

Manners::Entry* Manners::find(std::uint64_t key) {
  return const_cast<Entry*>(static_cast<const Manners*>(this)->find(key));
}

Tick Manners::forgotten_at(const Entry& entry) {
  return std::max(entry.last + kRemembered, entry.until);
}

// REQUIRES that the row has one that is outdated.
Manners::Entry& Manners::take_place(std::uint64_t key, Tick now) {
  const auto row = entries_.begin() + static_cast<std::ptrdiff_t>(row_of(key) * kWays);
  const auto place = std::find_if(row, row + kWays - 1,
                                  [&](const Entry& entry) { return forgotten_at(entry) <= now; });
  *place = {};
  place->tag = static_cast<std::uint32_t>(key);
  return *place;
}

// When the row has so many places for new entries.
Tick Manners::room_at(std::uint64_t key, std::size_t wanted) const {
  std::array<Tick, kWays> forgotten;
  const std::size_t first = row_of(key) * kWays;
  for (std::size_t i = 0; i < kWays; ++i) forgotten[i] = forgotten_at(entries_[first + i]);
  auto next = std::min_element(forgotten.begin(), forgotten.end());
  for (; wanted > 1; --wanted) {
    *next = std::numeric_limits<Tick>::max();
    next = std::min_element(forgotten.begin(), forgotten.end());
  }
  return *next;
}

Tick Manners::allowed_at(Level level, const Entry& entry, Tick now) {
  const Rule& rule = kRules[static_cast<std::size_t>(level)];
  if (rule.hourly == 0) return entry.before == 0 ? 0 : entry.before + ticks(manners::kHour);
  Tick allowed = entry.last + rule.gap;
  const Tick span = entry.last / kSpan;
  const Tick age = std::max(now / kSpan, span) - span;
  unsigned sum = 0;
  for (std::size_t i = 0; i + age < kSpans; ++i) sum += entry.counts[i];
  // The oldest that still counts goes first.
  for (std::size_t i = age < kSpans ? kSpans - age : 0; i > 0 && sum >= rule.hourly; --i) {
    sum -= entry.counts[i - 1];
    allowed = std::max(allowed, (span + static_cast<Tick>(kSpans - (i - 1))) * kSpan);
  }
  return allowed;
}

void Manners::advance(Entry& entry, Tick now) {
  const Tick age = now / kSpan - entry.last / kSpan;
  const auto shift = static_cast<std::size_t>(std::min<Tick>(age, kSpans));
  std::copy_backward(entry.counts.begin(), entry.counts.end() - static_cast<std::ptrdiff_t>(shift),
                     entry.counts.end());
  std::fill_n(entry.counts.begin(), shift, std::uint8_t{0});
  entry.last = now;
}

}  // namespace observatory
