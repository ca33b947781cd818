#include "config.h"

#include "layerpack/config-edit.h"

#include <string.h>

#include "hivecore/base/entry-name.h"
#include "hivecore/base/error.h"
#include "hivecore/base/json-text.h"
#include "hivecore/base/json.h"
#include "hivecore/image/image-writer.h"
#include "hivecore/image/oci-index.h"

/* What is wrong with a path that was written as on a command line. */
#define IN_JSON "; in JSON a backslash is a mark: write \\\\ or /"

static const char scratch_config[] =
    "{\"architecture\":\"amd64\",\"os\":\"windows\",\"created\":\"\","
    "\"config\":{\"Cmd\":[\"c:\\\\windows\\\\system32\\\\cmd.exe\"]},"
    "\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[]},\"history\":[]}";

gboolean
lp_config_options_any(const LpConfigOptions *options)
{
    return options->entrypoint != NULL || options->cmd != NULL || options->env != NULL ||
           options->user != NULL || options->workdir != NULL || options->label != NULL ||
           options->os_version != NULL || options->arch != NULL || options->author != NULL ||
           options->comment != NULL || options->annotation != NULL || options->expose != NULL ||
           options->volume != NULL || options->shell != NULL || options->healthcheck != NULL ||
           options->stop_signal != NULL;
}

static gboolean
fail_option(GError **error, const char *option, const char *argument, const char *what)
{
    return hc_fail(error, HC_ERROR_USAGE, "%s '%s': %s", option, argument, what);
}

static gboolean
check_utf8(const char *option, const char *argument, GError **error)
{
    if (g_utf8_validate(argument, -1, NULL))
        return TRUE;
    return hc_fail(error, HC_ERROR_USAGE, "%s: the argument is not UTF-8", option);
}

/* @number: from 1; 0: the argument is the word */
static gboolean
check_word(const char *option, const char *argument, guint number, const char *word, GError **error)
{
    g_autofree char *fault = lp_word_fault(word);
    if (fault == NULL)
        return TRUE;
    if (number == 0)
        return fail_option(error, option, argument, fault);
    g_autofree char *what =
        g_strdup_printf("word %u %s%s", number, fault, *word != '\0' ? IN_JSON : "");
    return fail_option(error, option, argument, what);
}

static gboolean
check_words(const char *option, const char *argument, const GPtrArray *elements, GError **error)
{
    for (guint i = 0; i < elements->len; i++) {
        g_autofree char *word = hc_json_string_parse(elements->pdata[i]);
        if (word == NULL)
            return fail_option(error, option, argument, "an element is no string");
        if (!check_word(option, argument, i + 1, word, error))
            return FALSE;
    }
    return TRUE;
}

/* Sets @name to the array that @argument is, or that has it as its one string. */
static gboolean
set_array(HcJsonObject *config, const char *name, const char *option, const char *argument,
          GError **error)
{
    if (!check_utf8(option, argument, error))
        return FALSE;
    if (argument[strspn(argument, " \t\r\n")] != '[') {
        if (!check_word(option, argument, 0, argument, error))
            return FALSE;
        g_autofree char *quoted = hc_json_string_text(argument);
        hc_json_object_set(config, name, g_strdup_printf("[%s]", quoted));
        return TRUE;
    }
    g_autoptr(GError) fault = NULL;
    HcJson array;
    if (!hc_json_parse(option, argument, strlen(argument), NULL, &array, &fault))
        return hc_fail(error, HC_ERROR_USAGE, "%s%s", fault->message,
                       strchr(argument, '\\') != NULL ? IN_JSON : "");
    g_autoptr(GPtrArray) elements = hc_json_array_parse(argument);
    if (!check_words(option, argument, elements, error))
        return FALSE;
    /* An empty array is what a Dockerfile has to take one away. */
    hc_json_object_set(config, name, elements->len > 0 ? hc_json_array_text(elements) : NULL);
    return TRUE;
}

static gboolean
set_commands(HcJsonObject *config, const LpConfigOptions *options, GError **error)
{
    if (options->entrypoint != NULL) {
        if (!set_array(config, "Entrypoint", "--entrypoint", options->entrypoint, error))
            return FALSE;
        hc_json_object_set(config, "Cmd", NULL);
    }
    if (options->cmd != NULL && !set_array(config, "Cmd", "--cmd", options->cmd, error))
        return FALSE;
    /* It says that what is run is one command line, not a list of arguments; true of what was
     * there. */
    if (options->entrypoint != NULL ||
        (options->cmd != NULL && hc_json_object_get(config, "Entrypoint") == NULL))
        hc_json_object_set(config, "ArgsEscaped", NULL);
    return TRUE;
}

/* The length of the name in NAME=VALUE; 0 when there is none. */
static gsize
name_length(const char *pair)
{
    const char *equals = strchr(pair, '=');
    return equals != NULL ? (gsize) (equals - pair) : 0;
}

/* Whether @text, a JSON string, sets the variable that @pair sets. */
static gboolean
is_same_variable(const char *text, const char *pair)
{
    g_autofree char *old = hc_json_string_parse(text);
    if (old == NULL)
        return FALSE;
    g_autofree char *old_name = g_strndup(old, name_length(old));
    g_autofree char *name = g_strndup(pair, name_length(pair));
    return hc_entry_name_equal(old_name, name);
}

static void
set_variable(GPtrArray *variables, const char *pair)
{
    gboolean is_set = FALSE;
    for (guint i = 0; i < variables->len;) {
        if (!is_same_variable(variables->pdata[i], pair)) {
            i++;
        } else if (is_set) {
            g_ptr_array_remove_index(variables, i);
        } else {
            g_free(variables->pdata[i]);
            variables->pdata[i++] = hc_json_string_text(pair);
            is_set = TRUE;
        }
    }
    if (!is_set)
        g_ptr_array_add(variables, hc_json_string_text(pair));
}

static gboolean
fail_base(GError **error, const char *where, const char *what)
{
    return hc_fail(error, HC_ERROR_MALFORMED, "%s: config: %s", where, what);
}

static gboolean
set_environment(HcJsonObject *config, const char *where, char **env, GError **error)
{
    if (env == NULL)
        return TRUE;
    g_autoptr(GPtrArray) variables = hc_json_array_parse(hc_json_object_get(config, "Env"));
    if (variables == NULL)
        return fail_base(error, where, "Env: is no array");
    for (gsize i = 0; env[i] != NULL; i++) {
        if (!check_utf8("--env", env[i], error))
            return FALSE;
        if (name_length(env[i]) == 0)
            return fail_option(error, "--env", env[i], "not of the form NAME=VALUE");
        set_variable(variables, env[i]);
    }
    hc_json_object_set(config, "Env", hc_json_array_text(variables));
    return TRUE;
}

static gboolean
set_labels(HcJsonObject *config, const char *where, char **label, GError **error)
{
    if (label == NULL)
        return TRUE;
    g_autoptr(HcJsonObject) labels = hc_json_object_new(hc_json_object_get(config, "Labels"));
    if (labels == NULL)
        return fail_base(error, where, "Labels: is no object");
    for (gsize i = 0; label[i] != NULL; i++) {
        if (!check_utf8("--label", label[i], error))
            return FALSE;
        gsize n_name = name_length(label[i]);
        if (n_name == 0)
            return fail_option(error, "--label", label[i], "not of the form KEY=VALUE");
        g_autofree char *name = g_strndup(label[i], n_name);
        hc_json_object_set_string(labels, name, label[i] + n_name + 1);
    }
    hc_json_object_set(config, "Labels", hc_json_object_text(labels));
    return TRUE;
}

static gboolean
set_string(HcJsonObject *config, const char *name, const char *option, const char *argument,
           GError **error)
{
    if (argument == NULL)
        return TRUE;
    if (!check_utf8(option, argument, error))
        return FALSE;
    /* Empty, it takes away what the base image says. */
    if (*argument != '\0' && !check_word(option, argument, 0, argument, error))
        return FALSE;
    hc_json_object_set_string(config, name, argument);
    return TRUE;
}

/* Of "80" "80/tcp"; NULL: no port. */
static char *
port_of(const char *argument)
{
    if (!hc_matches("^[0-9]{1,5}(-[0-9]{1,5})?(/(tcp|udp|TCP|UDP))?\\z", argument))
        return NULL;
    const char *dash = strchr(argument, '-');
    const guint64 first = g_ascii_strtoull(argument, NULL, 10);
    const guint64 last = dash != NULL ? g_ascii_strtoull(dash + 1, NULL, 10) : first;
    if (last > G_MAXUINT16 || first > last)
        return NULL;
    g_autofree char *lower = g_ascii_strdown(argument, -1);
    return strchr(lower, '/') != NULL ? g_steal_pointer(&lower) : g_strconcat(lower, "/tcp", NULL);
}

static char *
volume_of(const char *argument)
{
    g_autofree char *fault = lp_word_fault(argument);
    return fault == NULL ? g_strdup(argument) : NULL;
}

/* An object whose members are names, as Go writes a set. */
static gboolean
set_names(HcJsonObject *config, const char *where, const char *member, const char *option,
          char **arguments, char *(*name_of)(const char *argument), GError **error)
{
    if (arguments == NULL)
        return TRUE;
    g_autoptr(HcJsonObject) names = hc_json_object_new(hc_json_object_get(config, member));
    if (names == NULL)
        return hc_fail(error, HC_ERROR_MALFORMED, "%s: config: %s: is no object", where, member);
    for (gsize i = 0; arguments[i] != NULL; i++) {
        if (!check_utf8(option, arguments[i], error))
            return FALSE;
        g_autofree char *name = name_of(arguments[i]);
        if (name == NULL)
            return fail_option(error, option, arguments[i], "is none");
        hc_json_object_set(names, name, g_strdup("{}"));
    }
    hc_json_object_set(config, member, hc_json_object_text(names));
    return TRUE;
}

/* Also when there is none. */
static gboolean
are_strings(HcJson array)
{
    HcJson item;
    if (array.text == NULL)
        return TRUE;
    if (!hc_json_is(array, HC_JSON_ARRAY))
        return FALSE;
    HcJsonIter iter = hc_json_iter(array);
    while (hc_json_next(&iter, NULL, &item)) {
        if (!hc_json_is(item, HC_JSON_STRING))
            return FALSE;
    }
    return TRUE;
}

static gboolean
set_healthcheck(HcJsonObject *config, const char *argument, GError **error)
{
    static const char option[] = "--healthcheck";
    if (argument == NULL)
        return TRUE;
    if (!check_utf8(option, argument, error))
        return FALSE;
    const char start = argument[strspn(argument, " \t\r\n")];
    HcJson value;
    g_autoptr(HcJsonObject) check = hc_json_object_new(NULL);
    if (start == '\0')
        return fail_option(error, option, argument, "is empty");
    if (start == '{' || start == '[') {
        if (!hc_json_parse(option, argument, strlen(argument), NULL, &value, error)) {
            if (error != NULL && *error != NULL)
                (*error)->code = HC_ERROR_USAGE;
            return FALSE;
        }
        if (!are_strings(start == '[' ? value : hc_json_find(value, "Test")))
            return fail_option(error, option, argument, "its test is no array of strings");
        hc_json_object_set(check, "Test", g_strdup(argument));
        hc_json_object_set(config, "Healthcheck",
                           start == '{' ? hc_json_compact(value) : hc_json_object_text(check));
        return TRUE;
    }
    g_autofree char *quoted = hc_json_string_text(argument);
    hc_json_object_set(check, "Test",
                       strcmp(argument, "NONE") == 0
                           ? g_strdup("[\"NONE\"]")
                           : g_strdup_printf("[\"CMD-SHELL\",%s]", quoted));
    hc_json_object_set(config, "Healthcheck", hc_json_object_text(check));
    return TRUE;
}

static void
set_or_take(HcJsonObject *object, const char *name, const char *value)
{
    if (value != NULL && *value != '\0')
        hc_json_object_set_string(object, name, value);
    else if (value != NULL)
        hc_json_object_set(object, name, NULL);
}

/* Members beside "config". */
static gboolean
set_platform(HcJsonObject *image, const LpConfigOptions *options, GError **error)
{
    if (options->arch != NULL && strcmp(options->arch, "amd64") != 0 &&
        strcmp(options->arch, "arm64") != 0)
        return fail_option(error, "--arch", options->arch, "not amd64 or arm64");
    if (options->os_version != NULL && *options->os_version != '\0' &&
        !hc_matches("^[0-9]{1,9}(?:\\.[0-9]{1,9}){3}\\z", options->os_version))
        return fail_option(error, "--os-version", options->os_version,
                           "not four numbers like 10.0.20348.2700");
    if (options->author != NULL && !check_utf8("--author", options->author, error))
        return FALSE;
    if (options->comment != NULL && !check_utf8("--comment", options->comment, error))
        return FALSE;
    set_or_take(image, "architecture", options->arch);
    set_or_take(image, "os.version", options->os_version);
    set_or_take(image, "author", options->author);
    return TRUE;
}

char *
lp_config_for(const char *config, const LpConfigOptions *options)
{
    g_autofree char *identity = config == NULL ? hc_image_identity(NULL) : NULL;
    g_autoptr(HcJsonObject) image = hc_json_object_new(config != NULL ? config : identity);
    set_or_take(image, "architecture", options->arch);
    set_or_take(image, "os.version", options->os_version);
    return hc_json_object_text(image);
}

char *
lp_config_annotations(const char *annotations, const LpConfigOptions *options, GError **error)
{
    g_autoptr(HcJsonObject) object = hc_json_object_new(annotations);
    for (gsize i = 0; options->annotation != NULL && options->annotation[i] != NULL; i++) {
        const char *pair = options->annotation[i];
        const gsize n_name = name_length(pair);
        if (!check_utf8("--annotation", pair, error))
            return NULL;
        if (n_name == 0) {
            (void) fail_option(error, "--annotation", pair, "not of the form KEY=VALUE");
            return NULL;
        }
        g_autofree char *name = g_strndup(pair, n_name);
        hc_json_object_set_string(object, name, pair + n_name + 1);
    }
    return hc_json_object_n_members(object) > 0 ? hc_json_object_text(object) : NULL;
}

/* The member "config": what a container is started with. */
static gboolean
change_run_config(HcJsonObject *image, const char *where, const LpConfigOptions *options,
                  GError **error)
{
    if (!lp_config_options_any(options))
        return TRUE;
    g_autoptr(HcJsonObject) config = hc_json_object_new(hc_json_object_get(image, "config"));
    if (config == NULL)
        return fail_base(error, where, "config: is no object");
    if (!set_commands(config, options, error) ||
        !set_environment(config, where, options->env, error) ||
        !set_string(config, "User", "--user", options->user, error) ||
        !set_string(config, "WorkingDir", "--workdir", options->workdir, error) ||
        !set_labels(config, where, options->label, error) ||
        !set_names(config, where, "ExposedPorts", "--expose", options->expose, port_of, error) ||
        !set_names(config, where, "Volumes", "--volume", options->volume, volume_of, error) ||
        (options->shell != NULL && !set_array(config, "Shell", "--shell", options->shell, error)) ||
        !set_healthcheck(config, options->healthcheck, error) ||
        !set_string(config, "StopSignal", "--stop-signal", options->stop_signal, error))
        return FALSE;
    hc_json_object_set(image, "config", hc_json_object_text(config));
    return set_platform(image, options, error);
}

/* A remark on the last step. */
static void
add_comment(HcJsonObject *image, const char *comment)
{
    g_autoptr(GPtrArray) history = hc_json_array_parse(hc_json_object_get(image, "history"));
    if (comment == NULL || history == NULL || history->len == 0)
        return;
    g_autoptr(HcJsonObject) entry = hc_json_object_new(history->pdata[history->len - 1]);
    if (entry == NULL)
        return;
    hc_json_object_set_string(entry, "comment", comment);
    g_free(history->pdata[history->len - 1]);
    history->pdata[history->len - 1] = hc_json_object_text(entry);
    hc_json_object_set(image, "history", hc_json_array_text(history));
}

char *
lp_config_change(const char *config, const LpConfigOptions *options, GError **error)
{
    g_autoptr(HcJsonObject) image = hc_json_object_new(config);
    if (!change_run_config(image, "config", options, error))
        return NULL;
    add_comment(image, options->comment);
    return hc_json_object_text(image);
}

/* @n_layers: of the base */
static gboolean
add_history(HcJsonObject *image, const char *where, const LpConfigStep *step, guint n_layers,
            GError **error)
{
    g_autoptr(GPtrArray) history = hc_json_array_parse(hc_json_object_get(image, "history"));
    if (history == NULL)
        return fail_base(error, where, "history: is no array");
    /* Without the entries of the layers below, ours would be taken for that of the first. */
    if (history->len == 0 && n_layers > 0)
        return TRUE;
    g_autoptr(HcJsonObject) entry = hc_json_object_new(NULL);
    hc_json_object_set(entry, "created", g_strdup(hc_json_object_get(image, "created")));
    hc_json_object_set_string(entry, "created_by", step->created_by);
    if (step->comment != NULL)
        hc_json_object_set_string(entry, "comment", step->comment);
    if (step->diff_id == NULL)
        hc_json_object_set(entry, "empty_layer", g_strdup("true"));
    g_ptr_array_add(history, hc_json_object_text(entry));
    hc_json_object_set(image, "history", hc_json_array_text(history));
    return TRUE;
}

static gboolean
add_step(HcJsonObject *image, const char *where, const LpConfigStep *step, GError **error)
{
    g_autoptr(HcJsonObject) rootfs = hc_json_object_new(hc_json_object_get(image, "rootfs"));
    g_autoptr(GPtrArray) diff_ids =
        rootfs != NULL ? hc_json_array_parse(hc_json_object_get(rootfs, "diff_ids")) : NULL;
    if (diff_ids == NULL)
        return fail_base(error, where, "rootfs: diff_ids: is no array");

    g_autoptr(GString) created = g_string_new(NULL);
    hc_filetime_append(created, hc_filetime_from_unix(step->epoch.seconds));
    hc_json_object_set_string(image, "created", created->str);
    if (!add_history(image, where, step, diff_ids->len, error))
        return FALSE;
    if (step->diff_id != NULL)
        g_ptr_array_add(diff_ids, hc_json_string_text(step->diff_id));
    hc_json_object_set(rootfs, "diff_ids", hc_json_array_text(diff_ids));
    hc_json_object_set(image, "rootfs", hc_json_object_text(rootfs));
    return TRUE;
}

char *
lp_config_make(GBytes *base, const char *where, const LpConfigOptions *options,
               const LpConfigStep *step, GError **error)
{
    g_autofree char *text = NULL;
    if (base != NULL) {
        gsize n_bytes;
        const char *bytes = g_bytes_get_data(base, &n_bytes);
        text = g_strndup(bytes, n_bytes);
    }
    g_autoptr(HcJsonObject) image = hc_json_object_new(text != NULL ? text : scratch_config);
    if (image == NULL) {
        fail_base(error, where, "is no object");
        return NULL;
    }
    if (!change_run_config(image, where, options, error) || !add_step(image, where, step, error))
        return NULL;
    return hc_json_object_text(image);
}
