#include "config.h"

#include "hivecore/cli/cli-hive.h"

HcOutput *
hc_cli_open_output(const char *output, char *const *inputs, GError **error)
{
    g_autoptr(HcOutput) file = hc_output_open(output, NULL, error);
    if (file == NULL || !hc_cli_hide_like_all(file, inputs, error))
        return NULL;
    return g_steal_pointer(&file);
}

HcStream *
hc_cli_open_stream(HcCliContext *context, const char *output, char *const *inputs, GError **error)
{
    if (output == NULL) {
        hc_stream_begin(context->stream);
        return hc_stream_ref(context->stream);
    }
    HcOutput *file = hc_cli_refuse_overwrite(output, inputs, error)
                         ? hc_cli_open_output(output, inputs, error)
                         : NULL;
    return file != NULL ? hc_stream_new_output(file) : NULL;
}

gboolean
hc_cli_publish(HcCliContext *context, HcStream *stream, GError **error)
{
    if (!hc_stream_end(stream, error))
        return FALSE;
    /* What stands for standard output is published when the command has said all. */
    HcOutput *file = stream != context->stream ? hc_stream_output(stream) : NULL;
    return file == NULL || hc_cli_commit(context, &file, 1, error);
}
