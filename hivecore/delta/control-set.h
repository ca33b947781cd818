#pragma once

#include "hivecore/delta/delta.h"

G_BEGIN_DECLS

/* The key below HKLM\SYSTEM that Windows makes at boot, as a link. */
#define HC_CONTROL_SET_LINK HC_NAME_ASCII("CurrentControlSet")

/**
 * hc_control_set:
 * What HKLM\SYSTEM\CurrentControlSet stands for: ControlSet00N with N in Select\Current. Windows
 * makes the link at boot, no hive has it.
 *
 * @name: (out): in @arena; empty when the hive is no SYSTEM hive (it has no Select\Current), or
 *   has a key CurrentControlSet of its own
 *
 * Returns: FALSE with HC_ERROR_CONFLICT when Select\Current names no control set of the hive, or
 * HC_ERROR_MALFORMED
 */
gboolean hc_control_set(const HcHive *hive, HcArena *arena, HcName *name, GError **error);

/** hc_control_set_enter: @path (inout), below the root key of @hive, with the control set that it
 * goes through; as it was where that is none. Fails as hc_control_set() does. */
gboolean hc_control_set_enter(const HcHive *hive, HcArena *arena, HcPath *path, GError **error);

G_END_DECLS
