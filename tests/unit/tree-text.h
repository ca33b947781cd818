#pragma once

#include "hivecore/delta/delta.h"

/*
 * Hives and deltas as small texts, for the tests of regf, delta and edit.
 *
 * A hive's text has one line per key, with its values after it, parents made where missing:
 *
 *     [A\B]               a key; its names up to the closing bracket, UTF-8
 *     name=1:410000       a value: type and data in hex; "=3:" is the default value
 *     !class=410042       class name bytes of the last key
 *     !security=01020304  descriptor; else the parent's, and the default one for the root
 *     !flags=10           HC_KEY_FLAG_* in hex
 *
 * Keys are stored sorted, values in the order of the lines; every time is 1.
 */

/** tree_patch: the same text as a patch's statements, "-[A]" deletes a key, "name=-" a value. */
void tree_add_statements(HcDelta *delta, const char *text, const char *source);

/** tree_copy_patch: Returns: (transfer full): what @patch says, to be routed. */
HcDelta *tree_copy_patch(const HcDelta *patch);

/** tree_hive: Returns: (transfer full): a hive of @text, of version 1.@minor. */
GBytes *tree_hive(const char *text, uint32_t minor);

/** tree_open: the same, opened under the name "test.hive". */
HcHive *tree_open(const char *text, uint32_t minor);

/**
 * tree_delta_text:
 * One line per key that has something to say: "+A\B" created, "-A" deleted, "*A" replaced, " A"
 * kept; below each its values "  +name 1:4100", "  -name 1:4100", "  ~name 1:4100 -> 4:01000000"
 * and its changes "  class 4100 -> none", "  security …", "  flags 0 -> 10". A value whose before
 * is not known counts as added. Deleted and replaced keys end with "(keys/values before)".
 */
char *tree_delta_text(const HcDelta *delta);
