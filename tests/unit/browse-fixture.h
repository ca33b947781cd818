#pragma once

#include "hivecore/browse/browse.h"

/* What the tests of `browse` share: hives to look through, and what is expected to be seen. */

/* One place or several; each hive is opened once. */
typedef struct {
    HcHive *hives[2];
    guint n_opened;
} BrowsePlaces;

/* Takes @old_hive; @new_hive (nullable) is what it becomes. */
typedef struct {
    BrowsePlaces places;
    HcRoot *root;
    HcDelta *delta;
    HcBrowse *browse;
} BrowseFixture;

/** browse_open_place, browse_find_path: of HcBrowsePlaces; paths are "A\\B::v" in the first place,
 * "!" is none. */
HcHive *browse_open_place(void *data, guint index, GError **error);
gboolean browse_find_path(void *data, HcArena *arena, const char *text, guint *place, HcPath *path,
                          const char **value, GError **error);

/** browse_start: takes @old_hive and @new_hive (nullable), which it becomes. */
BrowseFixture *browse_start(HcHive *old_hive, HcHive *new_hive);
void browse_end(BrowseFixture *fixture);

/** browse_check_rows: rows as "sign name", indented; ">" before the one under the cursor. */
void browse_check_rows(const HcBrowse *browse, const char *expected);
void browse_check_values(HcBrowse *browse, const char *expected);
void browse_check_details(const HcBrowse *browse, const char *expected);

/** browse_check_at: the path of what is under the cursor. */
void browse_check_at(const HcBrowse *browse, const char *expected);

/** browse_search: to its end. */
HcBrowseFound browse_search(HcBrowse *browse, const char *text, gboolean is_backwards);

#define BROWSE_ROOT "HKEY_LOCAL_MACHINE\\SOFTWARE"
