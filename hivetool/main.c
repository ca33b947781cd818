#include "config.h"

#include "hivetool/common.h"

static const HcCommand *const commands[] = {
    &ht_cmd_ls,    &ht_cmd_browse,  &ht_cmd_get,     &ht_cmd_find,  &ht_cmd_info,
    &ht_cmd_check, &ht_cmd_export,                                                 /* look */
    &ht_cmd_diff,  &ht_cmd_verify,  &ht_cmd_digest,                                /* compare */
    &ht_cmd_apply, &ht_cmd_set,     &ht_cmd_rm,      &ht_cmd_mkkey, &ht_cmd_mv,
    &ht_cmd_cp,                                                                    /* change */
    &ht_cmd_new,   &ht_cmd_rebuild, &ht_cmd_recover, &ht_cmd_delta, &ht_cmd_merge, /* write */
    &ht_cmd_lint,  &ht_cmd_fmt,                                                    /* patches */
    NULL,
};

int
main(int argc, char **argv)
{
    return hc_cli_main("hivetool",
                       "Patches, compares and prints Windows registry hives without Windows.",
                       commands, argc, argv);
}
