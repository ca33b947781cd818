#include "config.h"

#include <string.h>

#include "hivecore/base/choice.h"
#include "hivecore/base/display.h"
#include "hivecore/base/error.h"
#include "hivecore/image/image-writer.h"
#include "hivecore/image/oci-index.h"
#include "hivecore/report/records.h"
#include "layerpack/commands.h"
#include "layerpack/finish-image.h"
#include "layerpack/index-report.h"

typedef enum {
    CREATE,
    ADD,
    REMOVE,
    ANNOTATE,
    LS
} Verb;

static const HcChoice verbs[] = {
    {"create", CREATE}, {"add", ADD}, {"remove", REMOVE}, {"annotate", ANNOTATE}, {"ls", LS},
};

static char *format_option;
static char *platform_arg;
static char *os_arg;
static char *arch_arg;
static char *variant_arg;
static char *os_version_arg;
static char **os_feature_args;
static char **annotation_args;
static LpTargetOptions target_options = {.lock_timeout_seconds = HC_LOCK_TIMEOUT};

static const GOptionEntry options[] = {
    {"platform", 0, 0, G_OPTION_ARG_FILENAME, &platform_arg,
     "of create and add: which images of the IMAGEs;\nall of them without it", "PLATFORM"},
    {"os", 0, 0, G_OPTION_ARG_FILENAME, &os_arg, "of annotate: operating system", "OS"},
    {"arch", 0, 0, G_OPTION_ARG_FILENAME, &arch_arg, "of annotate: architecture", "ARCH"},
    {"variant", 0, 0, G_OPTION_ARG_FILENAME, &variant_arg, "of annotate: its variant", "VARIANT"},
    {"os-version", 0, 0, G_OPTION_ARG_FILENAME, &os_version_arg,
     "of annotate: version of Windows; empty: none", "VERSION"},
    {"os-feature", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &os_feature_args,
     "of annotate: feature that is needed, like win32k;\nreplaces those there", "FEATURE"},
    {"annotation", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &annotation_args,
     "of annotate: annotation; with an empty VALUE it\ngoes", "KEY=VALUE"},
    {"format", 0, 0, G_OPTION_ARG_FILENAME, &format_option, "of ls: text or json", "FORMAT"},
    HC_LOCK_OPTION_ENTRY(target_options.lock_timeout_seconds),
    {NULL, 0, 0, G_OPTION_ARG_NONE, NULL, NULL, NULL},
};

static gboolean
fail_usage(GError **error, const char *where, const char *what)
{
    return hc_fail(error, HC_ERROR_USAGE, "%s: %s", where, what);
}

/* --- create and add --- */

/* One image as it is, into the index. */
static gboolean
put_image(HcImageWriter *writer, const char *source, const char *platform, GString *report,
          GPtrArray *images, GError **error)
{
    HcImage *image = hc_image_open(source, platform, error);
    if (image == NULL)
        return FALSE;
    /* What a registry has not got yet is fetched from there until the end. */
    g_ptr_array_add(images, image);
    g_auto(HcImageDigests) digests = {NULL, NULL};
    if (!hc_image_writer_add_image(writer, image, &digests, error))
        return FALSE;
    g_string_append_printf(report, "manifest %s\n", digests.manifest);
    return TRUE;
}

static gboolean
put_source(HcImageWriter *writer, const char *source, GString *report, GPtrArray *images,
           GError **error)
{
    if (platform_arg != NULL)
        return put_image(writer, source, platform_arg, report, images, error);
    g_autoptr(GPtrArray) members = hc_image_members(source, error);
    if (members == NULL)
        return FALSE;
    for (guint i = 0; i < members->len; i++) {
        const HcImageMember *member = members->pdata[i];
        if (!put_image(writer, source, member->digest, report, images, error))
            return FALSE;
    }
    return TRUE;
}

static void
free_image(gpointer image)
{
    hc_image_free(image);
}

/* Whether the name leads to something already. */
static gboolean
look_for_target(const char *to, gboolean *is_there, GError **error)
{
    GError *failure = NULL;
    g_autoptr(GPtrArray) members = NULL;
    g_autoptr(HcImageRef) ref = hc_image_ref_parse(to, error);
    if (ref == NULL || !hc_image_target_check(ref, to, error))
        return FALSE;
    if (ref->transport != HC_IMAGE_OCI && ref->transport != HC_IMAGE_REMOTE)
        return fail_usage(error, to, "an index is changed in oci:DIR:TAG or docker://NAME:TAG");
    if (ref->transport == HC_IMAGE_OCI && ref->tag == NULL)
        return fail_usage(error, to, "the index needs a TAG");
    members = hc_image_members(to, &failure);
    *is_there = members != NULL;
    /* A layout that is not there is not there either, and one without index.json has nothing. */
    g_autofree char *index = g_build_filename(ref->path, "index.json", NULL);
    if (failure != NULL && !g_error_matches(failure, HC_ERROR, HC_ERROR_NOT_FOUND) &&
        (ref->transport == HC_IMAGE_REMOTE || g_file_test(index, G_FILE_TEST_EXISTS)))
        return hc_fail_with(error, failure);
    g_clear_error(&failure);
    return TRUE;
}

static gboolean
put_images(HcCliContext *context, const char *to, char **sources, gboolean is_new, GError **error)
{
    gboolean is_there;
    if (sources[0] == NULL)
        return fail_usage(error, is_new ? "create" : "add", "no IMAGE is given");
    if (!look_for_target(to, &is_there, error))
        return FALSE;
    if (is_new && is_there)
        return hc_fail(error, HC_ERROR_CONFLICT, "%s: is there already; 'index add' adds to it",
                       to);
    if (!is_new && !is_there)
        return hc_fail(error, HC_ERROR_NOT_FOUND,
                       "%s: there is no such image; 'index create' makes one", to);
    HcImageTarget target = {.operand = to, .family = HC_FAMILY_OCI, .in_index = TRUE};
    g_autoptr(GPtrArray) images = g_ptr_array_new_with_free_func(free_image);
    g_autoptr(GString) report = g_string_new(NULL);
    g_autoptr(HcImageWriter) writer = lp_open_target(context, &target, &target_options, error);
    if (writer == NULL)
        return FALSE;
    for (gsize i = 0; sources[i] != NULL; i++) {
        if (!put_source(writer, sources[i], report, images, error))
            return FALSE;
    }
    return lp_commit_target(context, writer, to, report, error);
}

/* --- remove and annotate --- */

static gboolean
edit_index(HcCliContext *context, const char *to, HcIndexEdit edit, void *data, GError **error)
{
    gboolean is_there;
    if (!look_for_target(to, &is_there, error))
        return FALSE;
    if (!is_there)
        return hc_fail(error, HC_ERROR_NOT_FOUND, "%s: there is no such image", to);
    HcImageTarget target = {.operand = to, .family = HC_FAMILY_OCI, .is_edit = TRUE};
    g_autoptr(GString) report = g_string_new(NULL);
    g_autoptr(HcImageWriter) writer = lp_open_target(context, &target, &target_options, error);
    if (writer == NULL)
        return FALSE;
    hc_image_writer_set_edit(writer, edit, data);
    return lp_commit_target(context, writer, to, report, error);
}

static gboolean
annotate(HcCliContext *context, const char *to, char **names, GError **error)
{
    if (names[0] == NULL || names[1] != NULL)
        return fail_usage(error, "annotate", "one PLATFORM is needed, or a manifest's digest");
    HcIndexNotes notes = {.platform = names[0],
                          .os = os_arg,
                          .architecture = arch_arg,
                          .variant = variant_arg,
                          .os_version = os_version_arg,
                          .os_features = os_feature_args,
                          .annotations = annotation_args};
    if (os_arg == NULL && arch_arg == NULL && variant_arg == NULL && os_version_arg == NULL &&
        os_feature_args == NULL && annotation_args == NULL)
        return fail_usage(error, "annotate",
                          "nothing to do: none of --os, --arch, --variant, --os-version, "
                          "--os-feature and --annotation is given");
    return edit_index(context, to, hc_index_annotate, &notes, error);
}

/* --- ls --- */

static gboolean
list(HcCliContext *context, const char *source, GError **error)
{
    HcFormat format;
    g_autoptr(GPtrArray) members = NULL;
    if (!hc_format_parse(format_option,
                         HC_FORMAT_BIT(HC_FORMAT_TEXT) | HC_FORMAT_BIT(HC_FORMAT_JSON), &format,
                         error))
        return FALSE;
    members = hc_image_members(source, error);
    if (members == NULL)
        return FALSE;
    HcJsonWriter json = {.out = context->out, .tool = context->program};
    if (format == HC_FORMAT_JSON) {
        hc_json_begin_document(&json, "index");
        hc_json_member(&json, "images");
        hc_json_begin_array(&json, HC_JSON_LINES);
    }
    for (guint i = 0; i < members->len; i++) {
        const HcImageMember *member = members->pdata[i];
        const char *digest = member->digest != NULL ? member->digest : "-";
        if (format == HC_FORMAT_TEXT) {
            g_string_append_printf(context->out, "%s  ", digest);
            hc_append_display(context->out, member->words, strlen(member->words));
            if (member->name != NULL) {
                g_string_append(context->out, "  ");
                hc_append_display(context->out, member->name, strlen(member->name));
            }
            g_string_append_c(context->out, '\n');
            continue;
        }
        hc_json_begin_object(&json, HC_JSON_SPACED);
        hc_json_member_string(&json, "manifest", member->digest);
        hc_json_member_string(&json, "platform", member->words);
        hc_json_member_string(&json, "name", member->name);
        hc_json_end(&json);
    }
    if (format == HC_FORMAT_JSON) {
        hc_json_end(&json);
        hc_json_end_document(&json);
    }
    return TRUE;
}

/* Options are those of one verb each: another does not ignore them. */
static gboolean
check_options(Verb verb, GError **error)
{
    const struct {
        const char *option;
        gboolean is_given;
        guint verbs; /* bits */
        const char *words;
    } all[] = {
        {"--platform", platform_arg != NULL, 1u << CREATE | 1u << ADD, "create and add"},
        {"--os", os_arg != NULL, 1u << ANNOTATE, "annotate"},
        {"--arch", arch_arg != NULL, 1u << ANNOTATE, "annotate"},
        {"--variant", variant_arg != NULL, 1u << ANNOTATE, "annotate"},
        {"--os-version", os_version_arg != NULL, 1u << ANNOTATE, "annotate"},
        {"--os-feature", os_feature_args != NULL, 1u << ANNOTATE, "annotate"},
        {"--annotation", annotation_args != NULL, 1u << ANNOTATE, "annotate"},
        {"--format", format_option != NULL, 1u << LS, "ls"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(all); i++) {
        if (all[i].is_given && (all[i].verbs & 1u << verb) == 0)
            return hc_fail(error, HC_ERROR_USAGE, "%s: is only for %s", all[i].option,
                           all[i].words);
    }
    return TRUE;
}

static gboolean
run_verb(HcCliContext *context, Verb verb, int n_args, char **args, GError **error)
{
    if (n_args < 2)
        return fail_usage(error, args[0], "the name of the index is needed");
    switch (verb) {
    case LS:
        return n_args == 2 ? list(context, args[1], error)
                           : fail_usage(error, args[2], "ls takes one image");
    case CREATE:
    case ADD:
        return put_images(context, args[1], args + 2, verb == CREATE, error);
    case REMOVE:
        return n_args > 2
                   ? edit_index(context, args[1], hc_index_remove, args + 2, error)
                   : fail_usage(error, "remove", "a PLATFORM is needed, or a manifest's digest");
    case ANNOTATE:
        return annotate(context, args[1], args + 2, error);
    }
    g_return_val_if_reached(FALSE);
}

static gboolean
run(HcCliContext *context, int n_args, char **args, HcExit *status, GError **error)
{
    const int verb = HC_CHOICE_PARSE("index is", args[0], verbs, error);
    *status = HC_EXIT_OK;
    return verb >= 0 && check_options((Verb) verb, error) &&
           run_verb(context, (Verb) verb, n_args, args, error);
}

const HcCommand lp_cmd_index = {
    .name = "index",
    .also = "manifest",
    .group = "write layers and images",
    .args = "create|add INDEX IMAGE... | remove|annotate INDEX PLATFORM... | ls IMAGE",
    .summary = "several images under one name, one for each version of Windows",
    .details =
        "INDEX is oci:DIR:TAG or docker://NAME:TAG. \"create\" makes a new one of all images that\n"
        "the IMAGEs name, \"add\" puts them into one that is there: each takes the place of the\n"
        "one for its os, architecture and os.version, which is told, or comes last. \"remove\"\n"
        "takes entries out, with their attestations; \"annotate\" changes what one says of its\n"
        "image. PLATFORM is like windows/amd64:10.0.20348, or a manifest's digest, and must fit\n"
        "one entry. Manifests, configurations and layers stay as they are, byte by byte.",
    .options = options,
    .min_args = 1,
    .max_args = -1,
    .statuses = "0 done, 1 there is no such image or entry",
    .examples = "layerpack index create oci:out:1 oci:a:1809 oci:b:ltsc2022\n"
                "layerpack index annotate oci:out:1 windows/amd64:10.0.17763 --os-feature win32k\n"
                "layerpack index ls docker://mcr.microsoft.com/windows/nanoserver:ltsc2022",
    .run = run,
};
