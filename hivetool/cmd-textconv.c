#include "config.h"

#include "hivetool/golden.h"

static char *output_option;
static char *root_option;

static const GOptionEntry entries[] = {
    {"output", 'o', 0, G_OPTION_ARG_FILENAME, &output_option,
     "write to OUT instead of standard output", "OUT"},
    {"root", 0, 0, G_OPTION_ARG_FILENAME, &root_option, "where the hive hangs, like HKLM\\SOFTWARE",
     "ROOT"},
    {NULL, 0, 0, G_OPTION_ARG_NONE, NULL, NULL, NULL},
};

static gboolean
run(HcCliContext *context, G_GNUC_UNUSED int n_args, char **args, HcExit *status, GError **error)
{
    g_autoptr(HcStream) stream = hc_cli_open_stream(context, output_option, args, error);
    if (stream == NULL || !ht_textconv(stream, args[0], root_option, error))
        return FALSE;
    *status = HC_EXIT_OK;
    return hc_cli_publish(context, stream, error);
}

const HcCommand ht_cmd_textconv = {
    .name = "textconv",
    .also = "text lines git",
    .group = "look into hives",
    .args = "FILE",
    .summary = "print a hive as lines that git and other programs can compare",
    .details =
        "A block for each key, a line for each value, string of a list, piece of a PATH and 16\n"
        "bytes of binary data, in the order of the registry; without times. FILE is read as it\n"
        "stands, without the logs beside it. There is a text whatever FILE is, so that git can go\n"
        "on: of a damaged hive what can be read and what cannot, of what is no hive its digest.\n"
        "FILE - is standard input. docs/git.md says how git uses it.",
    .options = entries,
    .min_args = 1,
    .max_args = 1,
    .statuses = "0 printed",
    .examples = "hivetool textconv SOFTWARE\n"
                "hivetool textconv --root 'HKLM\\SOFTWARE' SOFTWARE -o SOFTWARE.txt",
    .run = run,
};
