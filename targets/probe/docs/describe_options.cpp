// SPDX-License-Identifier: MIT
// Writes the documents of electrum-probe from its command line's table; runs on the host while
// building. The results are kept in this folder: people read them, and packages need no generator.
//
//   describe_options man  > targets/probe/docs/electrum-probe.1
//   describe_options bash > targets/probe/docs/electrum-probe.bash
//   describe_options zsh  > targets/probe/docs/_electrum-probe
#include <iostream>

#include "targets/probe/docs/documents.h"

int main(int argc, char** argv) {
  using namespace observatory::docs;
  const std::string_view wanted = argc == 2 ? argv[1] : "";
  if (wanted == "man") {
    std::cout << manual_page();
  } else if (wanted == "bash") {
    std::cout << bash_completion();
  } else if (wanted == "zsh") {
    std::cout << zsh_completion();
  } else {
    std::cerr << "usage: describe_options man|bash|zsh\n";
    return 2;
  }
  std::cout.flush();
  return std::cout ? 0 : 1;
}
