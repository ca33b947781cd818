#include "config.h"

#include "hivetool/common.h"

/* One in a line, so that two changes that add one fit together. */
/* clang-format off */
static const HcCommand *const commands[] = {
    /* look into hives */
    &ht_cmd_ls,
    &ht_cmd_browse,
    &ht_cmd_get,
    &ht_cmd_find,
    &ht_cmd_timeline,
    &ht_cmd_deleted,
    &ht_cmd_info,
    &ht_cmd_check,
    &ht_cmd_export,
    &ht_cmd_textconv,
    /* compare */
    &ht_cmd_diff,
    &ht_cmd_verify,
    &ht_cmd_digest,
    &ht_cmd_golden,
    /* change hives */
    &ht_cmd_apply,
    &ht_cmd_set,
    &ht_cmd_rm,
    &ht_cmd_mkkey,
    &ht_cmd_mv,
    &ht_cmd_cp,
    /* write hives */
    &ht_cmd_new,
    &ht_cmd_rebuild,
    &ht_cmd_recover,
    &ht_cmd_delta,
    &ht_cmd_merge,
    /* patches */
    &ht_cmd_lint,
    &ht_cmd_fmt,
    /* for completion */
    &ht_cmd_candidates,
    NULL,
};
/* clang-format on */

int
main(int argc, char **argv)
{
    return hc_cli_main("hivetool",
                       "Patches, compares and prints Windows registry hives without Windows.",
                       commands, argc, argv);
}
