#include "config.h"

#include "layerpack/dockerfile-options.h"

#include <inttypes.h>
#include <string.h>

#include "hivecore/base/error.h"
#include "hivecore/base/json-text.h"

static const char scratch[] = "{\"architecture\":\"amd64\",\"os\":\"windows\",\"created\":\"\","
                              "\"config\":{},\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[]},"
                              "\"history\":[]}";

/* Step: an entry of the history that is new. */
typedef struct {
    char *created_by;
    gboolean has_changed;
    gboolean has_layer;
} Step;

struct LpDockerConfig {
    HcJsonObject *image;
    HcJsonObject *config; /* the member "config" of it */
    HcJsonObject *labels; /* members of that one which grow, taken apart */
    HcJsonObject *ports;
    HcJsonObject *volumes;
    GPtrArray *triggers; /* of JSON texts */
    GPtrArray *diff_ids; /* of JSON texts */
    HcDockerEnv *env;
    GPtrArray *steps; /* of Step * */
    guint n_old_layers;
    guint n_layered_steps; /* those before are of layers that are there */
    gboolean is_windows;
    gboolean has_command; /* CMD was given in this stage */
};

static void
step_free(gpointer data)
{
    Step *step = data;
    g_free(step->created_by);
    g_free(step);
}

/* A member that is an object; one that is not there is empty. @is_good: cleared for another type */
static HcJsonObject *
take_object(const HcJsonObject *from, const char *name, gboolean *is_good)
{
    HcJsonObject *object = hc_json_object_new(hc_json_object_get(from, name));
    *is_good &= object != NULL;
    return object;
}

static GPtrArray *
take_array(const HcJsonObject *from, const char *name, gboolean *is_good)
{
    GPtrArray *array = from != NULL ? hc_json_array_parse(hc_json_object_get(from, name)) : NULL;
    *is_good &= array != NULL;
    return array;
}

static gboolean
take_env(LpDockerConfig *config)
{
    gboolean is_good = TRUE;
    g_autoptr(GPtrArray) pairs = take_array(config->config, "Env", &is_good);
    config->env = hc_docker_env_new(config->is_windows);
    for (guint i = 0; is_good && i < pairs->len; i++) {
        g_autofree char *pair = hc_json_string_parse(pairs->pdata[i]);
        is_good = pair != NULL;
        if (is_good)
            hc_docker_env_set_pair(config->env, pair);
    }
    return is_good;
}

static gboolean
take_members(LpDockerConfig *config)
{
    gboolean is_good = TRUE;
    config->config = take_object(config->image, "config", &is_good);
    g_autoptr(HcJsonObject) rootfs = take_object(config->image, "rootfs", &is_good);
    if (!is_good)
        return FALSE;
    config->labels = take_object(config->config, "Labels", &is_good);
    config->ports = take_object(config->config, "ExposedPorts", &is_good);
    config->volumes = take_object(config->config, "Volumes", &is_good);
    config->triggers = take_array(config->config, "OnBuild", &is_good);
    config->diff_ids = take_array(rootfs, "diff_ids", &is_good);
    g_autofree char *os = hc_json_object_get_string(config->image, "os");
    config->is_windows = g_strcmp0(os, "windows") == 0;
    if (is_good)
        config->n_old_layers = config->diff_ids->len;
    return is_good && take_env(config);
}

LpDockerConfig *
lp_docker_config_new(const char *base, const char *where, GError **error)
{
    g_autoptr(LpDockerConfig) config = g_new0(LpDockerConfig, 1);
    config->steps = g_ptr_array_new_with_free_func(step_free);
    config->image = hc_json_object_new(base != NULL ? base : scratch);
    if (config->image != NULL && take_members(config))
        return g_steal_pointer(&config);
    return hc_fail_null(error, HC_ERROR_MALFORMED,
                        "%s: config: a member that Dockerfiles change is not of its type", where);
}

void
lp_docker_config_free(LpDockerConfig *config)
{
    if (config == NULL)
        return;
    g_clear_pointer(&config->image, hc_json_object_free);
    g_clear_pointer(&config->config, hc_json_object_free);
    g_clear_pointer(&config->labels, hc_json_object_free);
    g_clear_pointer(&config->ports, hc_json_object_free);
    g_clear_pointer(&config->volumes, hc_json_object_free);
    g_clear_pointer(&config->triggers, g_ptr_array_unref);
    g_clear_pointer(&config->diff_ids, g_ptr_array_unref);
    g_clear_pointer(&config->env, hc_docker_env_free);
    g_ptr_array_unref(config->steps);
    g_free(config);
}

gboolean
lp_docker_config_is_windows(const LpDockerConfig *config)
{
    return config->is_windows;
}

const HcDockerEnv *
lp_docker_config_env(const LpDockerConfig *config)
{
    return config->env;
}

char *
lp_docker_config_user(const LpDockerConfig *config)
{
    return hc_json_object_get_string(config->config, "User");
}

char *
lp_docker_config_workdir(const LpDockerConfig *config)
{
    return hc_json_object_get_string(config->config, "WorkingDir");
}

static char *
words_text(char *const *words)
{
    g_autoptr(GPtrArray) elements = g_ptr_array_new_with_free_func(g_free);
    for (gsize i = 0; words[i] != NULL; i++)
        g_ptr_array_add(elements, hc_json_string_text(words[i]));
    return hc_json_array_text(elements);
}

char **
lp_docker_config_shell(const LpDockerConfig *config)
{
    const char *standard = config->is_windows ? "cmd|/S|/C" : "/bin/sh|-c";
    g_autoptr(GPtrArray) elements =
        hc_json_array_parse(hc_json_object_get(config->config, "Shell"));
    if (elements == NULL || elements->len == 0)
        return g_strsplit(standard, "|", -1);
    char **words = g_new0(char *, elements->len + 1);
    for (guint i = 0; i < elements->len; i++) {
        words[i] = hc_json_string_parse(elements->pdata[i]);
        if (words[i] == NULL)
            words[i] = g_strdup("");
    }
    return words;
}

char *
lp_docker_config_trigger(const LpDockerConfig *config)
{
    if (config->triggers->len == 0)
        return NULL;
    char *text = hc_json_string_parse(config->triggers->pdata[0]);
    return text != NULL ? text : g_strdup("ONBUILD");
}

void
lp_docker_config_set_env(LpDockerConfig *config, const char *name, const char *value)
{
    hc_docker_env_set(config->env, name, value);
}

void
lp_docker_config_set_label(LpDockerConfig *config, const char *name, const char *value)
{
    hc_json_object_set_string(config->labels, name, value);
}

void
lp_docker_config_set_user(LpDockerConfig *config, const char *user)
{
    hc_json_object_set_string(config->config, "User", user);
}

void
lp_docker_config_set_workdir(LpDockerConfig *config, const char *workdir)
{
    hc_json_object_set_string(config->config, "WorkingDir", workdir);
}

void
lp_docker_config_set_author(LpDockerConfig *config, const char *author)
{
    hc_json_object_set_string(config->image, "author", author);
}

void
lp_docker_config_set_signal(LpDockerConfig *config, const char *signal)
{
    hc_json_object_set_string(config->config, "StopSignal", signal);
}

void
lp_docker_config_set_shell(LpDockerConfig *config, char *const *words)
{
    hc_json_object_set(config->config, "Shell", words_text(words));
}

void
lp_docker_config_add_port(LpDockerConfig *config, const char *port)
{
    hc_json_object_set(config->ports, port, g_strdup("{}"));
}

void
lp_docker_config_add_volume(LpDockerConfig *config, const char *volume)
{
    hc_json_object_set(config->volumes, volume, g_strdup("{}"));
}

void
lp_docker_config_add_trigger(LpDockerConfig *config, const char *text)
{
    g_ptr_array_add(config->triggers, hc_json_string_text(text));
}

/* The words of a command line: as they are in JSON, else one behind those of the SHELL. */
static char *
command_text(const LpDockerConfig *config, const HcInstruction *instruction)
{
    if (instruction->is_json)
        return words_text(instruction->args);
    g_auto(GStrv) shell = lp_docker_config_shell(config);
    g_autoptr(GPtrArray) elements = g_ptr_array_new_with_free_func(g_free);
    for (gsize i = 0; shell[i] != NULL; i++)
        g_ptr_array_add(elements, hc_json_string_text(shell[i]));
    const char *line = instruction->args[0] != NULL ? instruction->args[0] : "";
    g_ptr_array_add(elements, hc_json_string_text(line));
    return hc_json_array_text(elements);
}

void
lp_docker_config_set_command(LpDockerConfig *config, const HcInstruction *instruction)
{
    char *text = command_text(config, instruction);
    const gboolean is_empty = instruction->is_json && instruction->args[0] == NULL;
    if (instruction->word == HC_DOCKER_CMD) {
        hc_json_object_set(config->config, "Cmd", text);
        /* Of every CMD, as BuildKit has it. */
        hc_json_object_set(config->config, "ArgsEscaped", g_strdup("true"));
        config->has_command = TRUE;
        return;
    }
    if (is_empty)
        g_clear_pointer(&text, g_free);
    hc_json_object_set(config->config, "Entrypoint", text);
    if (!config->has_command)
        hc_json_object_set(config->config, "Cmd", NULL);
}

static gboolean
set_time(HcJsonObject *health, const HcInstruction *instruction, const char *flag,
         const char *member, GError **error)
{
    const char *text = hc_instruction_flag(instruction, flag);
    gint64 time;
    if (text == NULL)
        return TRUE;
    if (!hc_docker_duration(text, &time) || (time > 0 && time < 1000000))
        return hc_fail(error, HC_ERROR_MALFORMED,
                       "HEALTHCHECK: --%s=%s is no time of a millisecond or more, like 1m30s", flag,
                       text);
    if (time > 0)
        hc_json_object_set(health, member, g_strdup_printf("%" PRId64, time));
    return TRUE;
}

static char *
health_test(const HcInstruction *instruction)
{
    const gboolean is_none = g_str_equal(instruction->kind, "NONE");
    g_autoptr(GPtrArray) elements = g_ptr_array_new_with_free_func(g_free);
    g_ptr_array_add(elements, hc_json_string_text(is_none                ? "NONE"
                                                  : instruction->is_json ? "CMD"
                                                                         : "CMD-SHELL"));
    for (gsize i = 0; instruction->args[i] != NULL; i++)
        g_ptr_array_add(elements, hc_json_string_text(instruction->args[i]));
    return hc_json_array_text(elements);
}

gboolean
lp_docker_config_set_health(LpDockerConfig *config, const HcInstruction *instruction,
                            GError **error)
{
    g_autoptr(HcJsonObject) health = hc_json_object_new(NULL);
    hc_json_object_set(health, "Test", health_test(instruction));
    if (!set_time(health, instruction, "interval", "Interval", error) ||
        !set_time(health, instruction, "timeout", "Timeout", error) ||
        !set_time(health, instruction, "start-period", "StartPeriod", error) ||
        !set_time(health, instruction, "start-interval", "StartInterval", error))
        return FALSE;
    const char *retries = hc_instruction_flag(instruction, "retries");
    guint64 number = 0;
    if (retries != NULL && !g_ascii_string_to_unsigned(retries, 10, 0, G_MAXINT32, &number, NULL))
        return hc_fail(error, HC_ERROR_MALFORMED, "HEALTHCHECK: --retries=%s is no number",
                       retries);
    if (number > 0)
        hc_json_object_set(health, "Retries", g_strdup_printf("%" PRIu64, number));
    hc_json_object_set(config->config, "Healthcheck", hc_json_object_text(health));
    return TRUE;
}

void
lp_docker_config_add_step(LpDockerConfig *config, const char *created_by, gboolean has_changed)
{
    Step *step = g_new0(Step, 1);
    step->created_by = g_strdup(created_by);
    step->has_changed = has_changed;
    g_ptr_array_add(config->steps, step);
}

void
lp_docker_config_add_layer(LpDockerConfig *config, const char *diff_id)
{
    Step *maker = NULL;
    for (guint i = config->n_layered_steps; i < config->steps->len; i++) {
        Step *step = config->steps->pdata[i];
        if (step->has_changed || maker == NULL || !maker->has_changed)
            maker = step;
    }
    if (maker != NULL)
        maker->has_layer = TRUE;
    config->n_layered_steps = config->steps->len;
    g_ptr_array_add(config->diff_ids, hc_json_string_text(diff_id));
}

/* A member that holds others, away when it holds none and was not there. */
static void
put_object(LpDockerConfig *config, const char *name, const HcJsonObject *object)
{
    if (hc_json_object_n_members(object) > 0)
        hc_json_object_set(config->config, name, hc_json_object_text(object));
}

static void
put_env(LpDockerConfig *config)
{
    g_autoptr(GPtrArray) pairs = g_ptr_array_new_with_free_func(g_free);
    const char *const *list = hc_docker_env_list(config->env);
    for (gsize i = 0; list[i] != NULL; i++)
        g_ptr_array_add(pairs, hc_json_string_text(list[i]));
    if (pairs->len > 0)
        hc_json_object_set(config->config, "Env", hc_json_array_text(pairs));
}

/* Where the base has layers but no history, ours would be taken for that of the first. */
static void
put_history(LpDockerConfig *config, const char *created)
{
    g_autoptr(GPtrArray) history =
        hc_json_array_parse(hc_json_object_get(config->image, "history"));
    if (history == NULL || (history->len == 0 && config->n_old_layers > 0))
        return;
    for (guint i = 0; i < config->steps->len; i++) {
        const Step *step = config->steps->pdata[i];
        g_autoptr(HcJsonObject) entry = hc_json_object_new(NULL);
        hc_json_object_set_string(entry, "created", created);
        hc_json_object_set_string(entry, "created_by", step->created_by);
        if (!step->has_layer)
            hc_json_object_set(entry, "empty_layer", g_strdup("true"));
        g_ptr_array_add(history, hc_json_object_text(entry));
    }
    hc_json_object_set(config->image, "history", hc_json_array_text(history));
    config->n_old_layers = config->diff_ids->len;
    config->n_layered_steps = 0;
    g_ptr_array_set_size(config->steps, 0);
}

char *
lp_docker_config_make(LpDockerConfig *config, HcEpoch epoch)
{
    g_autoptr(GString) created = g_string_new(NULL);
    hc_filetime_append(created, hc_filetime_from_unix(epoch.seconds));
    put_env(config);
    put_object(config, "Labels", config->labels);
    put_object(config, "ExposedPorts", config->ports);
    put_object(config, "Volumes", config->volumes);
    hc_json_object_set(config->config, "OnBuild",
                       config->triggers->len > 0 ? hc_json_array_text(config->triggers) : NULL);
    hc_json_object_set(config->image, "config", hc_json_object_text(config->config));
    hc_json_object_set_string(config->image, "created", created->str);
    g_autoptr(HcJsonObject) rootfs =
        hc_json_object_new(hc_json_object_get(config->image, "rootfs"));
    hc_json_object_set(rootfs, "diff_ids", hc_json_array_text(config->diff_ids));
    hc_json_object_set(config->image, "rootfs", hc_json_object_text(rootfs));
    put_history(config, created->str);
    return hc_json_object_text(config->image);
}

LpDockerConfig *
lp_docker_config_copy(LpDockerConfig *config, HcEpoch epoch, GError **error)
{
    g_autofree char *text = lp_docker_config_make(config, epoch);
    return lp_docker_config_new(text, "stage", error);
}
