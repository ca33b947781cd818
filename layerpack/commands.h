#pragma once

#include "hivecore/cli/cli.h"

/* The commands of layerpack, each in its own cmd-*.c. */
extern const HcCommand lp_cmd_build;
extern const HcCommand lp_cmd_cache;
extern const HcCommand lp_cmd_create;
extern const HcCommand lp_cmd_diff;
extern const HcCommand lp_cmd_explain;
extern const HcCommand lp_cmd_extract;
extern const HcCommand lp_cmd_index;
extern const HcCommand lp_cmd_ls;
extern const HcCommand lp_cmd_scratch;
extern const HcCommand lp_cmd_verify;
