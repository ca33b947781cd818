#pragma once

#include <glib.h>

G_BEGIN_DECLS

/** HcRegVariables: what --set gave the variables of .reg files. */
typedef struct HcRegVariables HcRegVariables;

/**
 * hc_reg_variables_new:
 * @set: (nullable): NULL-terminated, NAME=VALUE each, UTF-8; NAME of ASCII letters, digits and '_',
 *   not a digit first
 *
 * Returns: (transfer full): NULL with HC_ERROR_USAGE
 */
HcRegVariables *hc_reg_variables_new(char *const *set, GError **error);
void hc_reg_variables_free(HcRegVariables *variables);

/** hc_reg_variables_declare: a file has a variable @name. Returns: (nullable): its value. */
const char *hc_reg_variables_declare(HcRegVariables *variables, const char *name);

/** hc_reg_variables_check: FALSE with HC_ERROR_USAGE when no file has declared one that is set. */
gboolean hc_reg_variables_check(const HcRegVariables *variables, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(HcRegVariables, hc_reg_variables_free)

G_END_DECLS
