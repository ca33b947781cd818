#include "config.h"

#include "layerpack/layer-put.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "hivecore/base/error.h"
#include "hivecore/delta/differencing.h"
#include "hivecore/delta/proof.h"
#include "hivecore/image/descriptor.h"
#include "hivecore/image/hive-slots.h"

/* Windows file attributes. Source: docs/FORMATS.md, "Layers". */
#define ATTRIBUTES_FOLDER "16"
#define ATTRIBUTES_FILE   "32"

enum {
    N_RECORDS = 3,
    N_TIMES = 3, /* of a folder that is known from below */
    PIECE_BYTES = 256 * 1024,
};

/* Fills in an entry and the records that Windows' importer reads. Whole seconds: "sec" is a valid
 * creationtime without a fraction. @time: (out): what a record points to */
static void
fill_entry(const HcCliContext *context, HcTarEntry *entry, HcPaxRecord records[N_RECORDS],
           char **time)
{
    *time = g_strdup_printf("%" PRId64, context->epoch.seconds);
    records[0] = (HcPaxRecord){"LIBARCHIVE.creationtime", *time};
    records[1] =
        (HcPaxRecord){"MSWINDOWS.fileattr", entry->is_folder ? ATTRIBUTES_FOLDER : ATTRIBUTES_FILE};
    records[2] = (HcPaxRecord){"MSWINDOWS.rawsd",
                               entry->is_folder ? HC_DESCRIPTOR_FOLDER : HC_DESCRIPTOR_FILE};
    entry->mtime_seconds = context->epoch.seconds;
    entry->records = records;
    entry->n_records = N_RECORDS;
}

gboolean
lp_put_entry(const HcCliContext *context, HcLayerOutput *output, const char *name,
             gboolean is_folder, HcBlob content, GError **error)
{
    HcPaxRecord records[N_RECORDS];
    g_autofree char *time = NULL;
    HcTarEntry entry = {.name = name, .is_folder = is_folder, .n_bytes = content.n_bytes};
    fill_entry(context, &entry, records, &time);
    return hc_layer_output_add(output, &entry, content.bytes, error);
}

gboolean
lp_put_folder(const HcCliContext *context, HcLayerOutput *output, const char *name,
              const LpFolderRecords *known, GError **error)
{
    HcPaxRecord records[N_RECORDS + N_TIMES];
    g_autofree char *time = NULL;
    HcTarEntry entry = {.name = name, .is_folder = TRUE};
    fill_entry(context, &entry, records, &time);
    const char *const values[N_RECORDS] = {known->creation_time, known->attributes,
                                           known->descriptor};
    for (gsize i = 0; i < N_RECORDS; i++)
        records[i].value = values[i] != NULL ? values[i] : records[i].value;
    const HcPaxRecord times[N_TIMES] = {
        {"mtime", known->modified}, {"atime", known->accessed}, {"ctime", known->changed}};
    for (gsize i = 0; i < N_TIMES; i++) {
        /* Whole seconds of the header say it all. */
        const gboolean is_needed =
            times[i].value != NULL && (i > 0 || strchr(times[i].value, '.') != NULL);
        if (is_needed)
            records[entry.n_records++] = times[i];
    }
    if (known->modified != NULL)
        entry.mtime_seconds =
            (int64_t) MIN(g_ascii_strtoull(known->modified, NULL, 10), HC_TAR_MAX_OCTAL);
    return hc_layer_output_add(output, &entry, NULL, error);
}

gboolean
lp_put_folders(const HcCliContext *context, HcLayerOutput *output, const char *const *names,
               GError **error)
{
    for (gsize i = 0; names[i] != NULL; i++) {
        if (!lp_put_entry(context, output, names[i], TRUE, (HcBlob){NULL, 0}, error))
            return FALSE;
    }
    return TRUE;
}

/* Copies @n_bytes and no more, and finds out whether there are more. */
static gboolean
copy_content(HcLayerOutput *output, int fd, const char *file, uint64_t n_bytes, GError **error)
{
    g_autofree guint8 *piece = g_malloc(PIECE_BYTES);
    uint64_t n_read = 0;
    for (;;) {
        ssize_t n = read(fd, piece, PIECE_BYTES);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return hc_fail_io(error, file, "cannot read", errno);
        n_read += (uint64_t) n;
        if (n_read > n_bytes || (n == 0 && n_read < n_bytes))
            return hc_fail(error, HC_ERROR_IO, "%s: changed while it was read", file);
        if (n == 0)
            return TRUE;
        if (!hc_layer_output_content(output, piece, (gsize) n, error))
            return FALSE;
    }
}

gboolean
lp_put_file(const HcCliContext *context, HcLayerOutput *output, const char *name, const char *file,
            uint64_t n_bytes, GError **error)
{
    HcPaxRecord records[N_RECORDS];
    g_autofree char *time = NULL;
    HcTarEntry entry = {.name = name, .n_bytes = n_bytes};
    fill_entry(context, &entry, records, &time);
    /* Should it have become a FIFO since it was looked at, opening does not wait for a writer. */
    int fd = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return hc_fail_io(error, file, "cannot open", errno);
    gboolean is_put = hc_layer_output_start(output, &entry, error) &&
                      copy_content(output, fd, file, n_bytes, error) &&
                      hc_layer_output_end(output, &entry, error);
    /* Nothing was written through it. */
    (void) close(fd);
    return is_put;
}

gboolean
lp_put_delta(const HcCliContext *context, HcLayerOutput *output, int slot, const HcHive *base,
             const HcDelta *exact, GError **error)
{
    const HcHiveSlot *names = &hc_hive_slots[slot];
    HcDifferencingOptions options = {
        .file_name = {(const uint8_t *) names->delta_name, (uint32_t) strlen(names->delta_name),
                      TRUE},
        .epoch = context->epoch,
    };
    g_autoptr(GBytes) bytes = hc_differencing_write(exact, base, &options, error);
    if (bytes == NULL) {
        g_prefix_error(error, "%s: ", names->name);
        return FALSE;
    }
    g_autoptr(HcDelta) nothing = hc_delta_new();
    if (!hc_layer_proof(base, bytes, exact != NULL ? exact : nothing, error))
        return FALSE;
    HcBlob content = {g_bytes_get_data(bytes, NULL), (uint32_t) g_bytes_get_size(bytes)};
    return lp_put_entry(context, output, names->delta_entry, FALSE, content, error);
}
