// SPDX-License-Identifier: MIT
#include "targets/observatory/enrich_options.h"

#include <CLI/CLI.hpp>
#include <string>

#include "targets/observatory/enrich/libloc_source.h"

namespace observatory::host {

void add_enrich_options(CLI::App& command, EnrichOptions& options) {
  // What stands behind the file is an argument of the command: one file for each option.
  constexpr const char* kGroup = "Data of addresses";
  command
      .add_option("--mmdb", options.mmdb,
                  "MaxMind DB with countries, cities or AS numbers; the first\n"
                  "that knows a value gives it, before libloc")
      ->type_name("FILE")
      ->allow_extra_args(false)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
      ->group(kGroup);
  command
      .add_option("--annotations", options.annotations,
                  "CSV of key,field,value,note: what you know better")
      ->type_name("FILE")
      ->allow_extra_args(false)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
      ->group(kGroup);
  auto* const libloc =
      command
          .add_option("--libloc", options.libloc,
                      "Database of libloc (" + std::string(LibLocSource::kUsualPath) + ")")
          ->type_name("FILE")
          ->group(kGroup);
  command.add_flag("--no-libloc", options.without_libloc, "Do without libloc")
      ->excludes(libloc)
      ->group(kGroup);
}

}  // namespace observatory::host
