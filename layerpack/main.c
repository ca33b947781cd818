#include "config.h"

#include "layerpack/commands.h"

static const HcCommand *const commands[] = {
    &lp_cmd_ls,    &lp_cmd_explain, &lp_cmd_diff,    &lp_cmd_verify, &lp_cmd_extract, /* look */
    &lp_cmd_build, &lp_cmd_create,  &lp_cmd_scratch, &lp_cmd_index,  &lp_cmd_cache,   /* write */
    NULL,
};

int
main(int argc, char **argv)
{
    return hc_cli_main("layerpack", "Windows container layers that carry registry changes",
                       commands, argc, argv);
}
