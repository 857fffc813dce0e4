#!/bin/sh
# Compiles one impurity of each kind and expects purity.sh to name it.
#
#   purity_selftest.sh ARCHITECTURE NM OBJDUMP COMPILER FOLDER
set -eu
architecture=$1
nm=$2
objdump=$3
compiler=$4
folder=$5
here=$(dirname "$0")
mkdir -p "$folder"
bad=0

# expect SENTENCE: the program on standard input is found fault with in these words ("" for none).
expect() {
  cat >"$folder/planted.cpp"
  "$compiler" -std=c++20 -O2 -c -o "$folder/planted.o" "$folder/planted.cpp"
  code=0
  sh "$here/purity.sh" "$architecture" "$nm" "$objdump" "$folder/planted.o" \
    >"$folder/output" 2>&1 || code=$?
  if [ -z "$1" ]; then
    [ "$code" = 0 ] && return
  elif [ "$code" = 1 ] && grep -q "$1" "$folder/output"; then
    return
  fi
  echo "expected \"$1\" (exit code $code):" >&2
  cat "$folder/planted.cpp" "$folder/output" >&2
  bad=1
}

expect "" <<'END'
#include <cstring>
extern "C" unsigned long long f(unsigned long long a, unsigned long long b, char* c, const char* d) {
  static constexpr const char* kWords[] = {"a", "b"};
  std::memcpy(c, d, 16);
  return a / b + *kWords[a & 1];
}
END
expect "symbols from outside" <<'END'
int* f() { return new int; }
END
expect "symbols from outside" <<'END'
#include <cstdlib>
void* f() { return std::malloc(1); }
END
expect "symbols from outside" <<'END'
#include <cstdio>
void f() { std::puts("x"); }
END
expect "exceptions" <<'END'
void f() { throw 1; }
END
expect "exceptions" <<'END'
int g();
int f() { static int once = g(); return once; }
END
expect "RTTI" <<'END'
struct A { virtual int f(); };
int A::f() { return 1; }
END
expect "writable globals" <<'END'
int counter = 1;
END
expect "writable globals" <<'END'
static char buffer[9];
char* f(int i) { return buffer + i; }
END
expect "code before main" <<'END'
int g();
extern const int kValue = g();
END
expect "floating point" <<'END'
double f(double a, double b) { return a * b; }
END
expect "floating point" <<'END'
long f(float a) { return static_cast<long>(a); }
END
exit "$bad"
