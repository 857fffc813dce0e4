// SPDX-License-Identifier: MIT
#include "core/run/agenda.h"

#include <cstring>

namespace observatory {

bool Agenda::append(const Visit& visit, bool repeats, std::uint8_t place) {
  Head head{};
  head.place = place;
  head.host_size = static_cast<std::uint8_t>(visit.endpoint.host.size());
  head.repeats = repeats;
  if (size_of(head) > room()) return false;
  const std::size_t offset = used_;
  used_ += size_of(head);
  write(offset, head, visit);
  const std::string_view host = visit.endpoint.host.view();
  std::memcpy(pool_.data() + offset + kHead + facts_size(head), host.data(), host.size());
  return true;
}

bool Agenda::take(Instant now, std::size_t place, bool announced_too, Visit& into) {
  std::size_t found = kRoom;
  Head first{};
  for (std::size_t at = 0; at < used_;) {
    const Head head = head_at(at);
    const bool wanted =
        head.place == kWaiting && head.due <= now && (announced_too || !head.announced);
    if (wanted && (found == kRoom || head.due < first.due)) {
      found = at;
      first = head;
    }
    at += size_of(head);
  }
  if (found == kRoom) return false;
  first.place = under_way_in(place);
  std::memcpy(pool_.data() + found, &first, kHead);
  read(found, first, into);
  return true;
}

void Agenda::put_back(std::size_t place, const Visit& visit) {
  const std::size_t offset = find(place);
  if (offset == kRoom) return;
  Head head = head_at(offset);
  head.place = kWaiting;
  write(offset, head, visit);
}

void Agenda::drop(std::size_t place) {
  const std::size_t offset = find(place);
  if (offset != kRoom) erase(offset);
}

bool Agenda::withdraw(const Endpoint& announced) {
  const std::string_view host = announced.host.view();
  for (std::size_t at = 0; at < used_;) {
    const Head head = head_at(at);
    if (head.announced && head.place == kWaiting && head.port == announced.port &&
        head.tls == (announced.transport == Transport::kTls) && host_of(at, head) == host) {
      erase(at);
      return true;
    }
    at += size_of(head);
  }
  return false;
}

void Agenda::erase(std::size_t offset) {
  const std::size_t size = size_of(head_at(offset));
  used_ -= size;
  std::memmove(pool_.data() + offset, pool_.data() + offset + size, used_ - offset);
}

Instant Agenda::next_due(bool announced_too) const {
  Instant due = Instant::never();
  for (std::size_t at = 0; at < used_;) {
    const Head head = head_at(at);
    const bool wanted = head.place == kWaiting && (announced_too || !head.announced);
    if (wanted && head.due < due) due = head.due;
    at += size_of(head);
  }
  return due;
}

Agenda::Head Agenda::head_at(std::size_t offset) const {
  Head head;
  std::memcpy(&head, pool_.data() + offset, kHead);
  return head;
}

std::string_view Agenda::host_of(std::size_t offset, const Head& head) const {
  return as_text(ByteView(pool_).subspan(offset + kHead + facts_size(head), head.host_size));
}

std::size_t Agenda::find(std::size_t place) const {
  for (std::size_t at = 0; at < used_;) {
    const Head head = head_at(at);
    if (head.place == under_way_in(place)) return at;
    at += size_of(head);
  }
  return kRoom;
}

void Agenda::write(std::size_t offset, const Head& as, const Visit& visit) {
  Head head = as;
  head.due = visit.due;
  head.hellos_at = visit.hellos_at;
  head.number = visit.number;
  head.announced_by = visit.announced_by;
  head.ip = visit.ip.bytes;
  head.port = visit.endpoint.port;
  head.tls = visit.endpoint.transport == Transport::kTls;
  head.announced = visit.announced;
  head.seed = visit.seed;
  head.knows_ip = visit.knows_ip;
  head.one_address = visit.one_address;
  head.ip_is_v6 = visit.ip.family == IpAddress::Family::kV6;
  std::memcpy(pool_.data() + offset, &head, kHead);
  if (head.repeats) std::memcpy(pool_.data() + offset + kHead, &visit.facts, sizeof visit.facts);
}

void Agenda::read(std::size_t offset, const Head& head, Visit& into) const {
  into = {};
  const std::uint8_t* const behind = pool_.data() + offset + kHead;
  if (head.repeats) std::memcpy(&into.facts, behind, sizeof into.facts);
  // Fits: it came out of a host of the same size.
  static_cast<void>(into.endpoint.host.assign(host_of(offset, head)));
  into.endpoint.port = head.port;
  into.endpoint.transport = head.tls ? Transport::kTls : Transport::kTcp;
  into.due = head.due;
  into.number = head.number;
  into.announced_by = head.announced_by;
  into.announced = head.announced;
  into.seed = head.seed;
  into.knows_ip = head.knows_ip;
  into.one_address = head.one_address;
  into.ip.family = head.ip_is_v6 ? IpAddress::Family::kV6 : IpAddress::Family::kV4;
  into.ip.bytes = head.ip;
  into.hellos_at = head.hellos_at;
}

}  // namespace observatory
