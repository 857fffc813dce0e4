#!/bin/sh
# Looks into the object code of the core for what it must not have: heap, exceptions, RTTI,
# floating point, writable globals, an operating system.
#
#   purity.sh ARCHITECTURE NM OBJDUMP LIBRARY...
set -eu
architecture=$1
nm=$2
objdump=$3
shift 3

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

# complain SENTENCE: names what standard input has, if it has anything.
complain() {
  sort -u >"$folder/found"
  [ -s "$folder/found" ] || return 0
  echo "$1:" >&2
  sed 's/^/  /' "$folder/found" >&2
  : >"$folder/bad"
}

for library in "$@"; do
  "$nm" -P "$library" | awk 'NF >= 2 {print $2, $1}' >>"$folder/symbols"
  "$objdump" -t "$library" >>"$folder/table"
  "$objdump" -h "$library" >>"$folder/sections"
  "$objdump" -d --no-show-raw-insn "$library" | sed 's/<[^>]*>//' >>"$folder/code"
done
[ -s "$folder/code" ] || {
  echo "no code in $*" >&2
  exit 1
}

# What the core takes from elsewhere. A compiler may call the four of memory whenever it likes, and
# the integer helpers where a processor has no such instruction. std::__throw_* is behind checks of
# std::string_view::substr; whoever links without the C++ library defines them to stop.
awk '$1 != "U" && $1 != "w" {print $2}' "$folder/symbols" | sort -u >"$folder/defined"
awk '$1 == "U" || $1 == "w" {print $2}' "$folder/symbols" | sort -u >"$folder/wanted"
comm -13 "$folder/defined" "$folder/wanted" >"$folder/outside"
grep -vxE "$(
  tr -d ' \n' <<'END'
mem(cpy|move|set|cmp|chr)|strlen|__(mem|str)[a-z]*_chk|
__stack_chk_(fail|guard)|__stack_chk_fail_local|_GLOBAL_OFFSET_TABLE_|_gp_disp|__gnu_local_gp|
__aeabi_(u?l?divmod|u?idiv|u?idivmod|lmul|llsl|llsr|lasr|uldivmod|ldivmod|mem[a-z0-9]*)|
__aeabi_unwind_cpp_pr[0-2]|__u?(div|mod)[dt]i3|__(mul|ashl|ashr|lshr)[dt]i3|
__(clz|ctz|ffs|popcount|bswap)[sdt]i2|__cxa_pure_virtual|
_ZSt[0-9]+__throw_[a-z_]+PKcz?
END
)" "$folder/outside" | complain "symbols from outside (heap, exceptions or an operating system?)"
# Where there is no unit for it, floating point is a call of the compiler's library.
grep -xE '__aeabi_(d|f|cd|cf|u?[il]2)[a-z0-9]*|__(add|sub|mul|div|neg|fix|fixuns|float|floatun)[a-z]*[sdt]f[a-z0-9]*' \
  "$folder/outside" | complain "floating point"
grep -E '^_ZSt[0-9]+__throw_' "$folder/outside" | sed 's/^/behind a check of the library: /' || true

grep -E ' _ZT[IS]' "$folder/symbols" | complain "RTTI"
grep -E '(__cxa_(throw|allocate|begin|end|guard)|_Unwind_|__gxx_personality)' "$folder/symbols" |
  complain "exceptions, or objects that are made at their first use"

# Constants that hold addresses stand in .data.rel.ro until the loader has written them.
awk '$NF != "" && /[ \t]\.(data|bss|sdata|sbss|tdata|tbss)|\*COM\*/ &&
     !/[ \t]\.data\.rel\.ro/ && / [gul!]? *O / {print $NF}' "$folder/table" |
  complain "writable globals"
awk '$2 ~ /^\.(init_array|ctors)/ {print $2}' "$folder/sections" | complain "code before main()"

case $architecture in
  x86_64)
    float='v?(add|sub|mul|div|sqrt|min|max|u?comi|cmp[a-z]*|cvt[a-z0-9]*|round|rsqrt|rcp|fn?m[a-z0-9]*)[sp][sd]|v?cvt[a-z0-9]+|f(ld|st|add|sub|mul|div|ild|ist|com|ucom|chs|abs)[a-z0-9]*'
    ;;
  arm)
    float='v(add|sub|mul|div|sqrt|cmpe?|cvt[a-z]?|neg|abs|fma|fms|mla|mls|nmul|max|min)[a-z]*\.f(16|32|64)[a-z0-9.]*|vcvt[a-z]*\.[a-z0-9.]+'
    ;;
  mips)
    # No register of the floating-point unit at all: small routers have none.
    awk '/\$f[0-9]/' "$folder/code" | complain "floating point"
    float='[a-z0-9]+\.[sd]'
    ;;
  *)
    echo "purity.sh: does not know the instructions of $architecture" >&2
    exit 2
    ;;
esac
awk -v float="^($float)\$" '$2 ~ float {print $2}' "$folder/code" | complain "floating point"

[ ! -e "$folder/bad" ] || exit 1
echo "$(wc -l <"$folder/outside") symbols from outside, all of them allowed:"
tr '\n' ' ' <"$folder/outside"
echo
