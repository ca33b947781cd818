#pragma once

#include "hivecore/cli/cli.h"

/* The commands of layerpack, each in its own cmd-*.c. */
extern const HcCommand lp_cmd_create;
extern const HcCommand lp_cmd_ls;
extern const HcCommand lp_cmd_verify;
