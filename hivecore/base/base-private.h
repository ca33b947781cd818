#pragma once

#include <glib.h>
#include <signal.h>
#include <stdint.h>
#include <sys/stat.h>

#include "hivecore/base/output.h"

G_BEGIN_DECLS

/* Shared by output.c, which makes temporary files, output-write.c, which fills them,
 * output-commit.c, which publishes them, and output-signals.c, which removes them when the program
 * is ended. */

struct HcOutput {
    HcOutput *next_live;
    char *name; /* as the user gave it, for messages */
    char *target;
    char *folder;
    char *temp;
    int fd;
    struct stat own;    /* of the temporary file; its mode is of no account */
    mode_t mode;        /* that the file is to get */
    gboolean is_new;    /* there was no file at the target */
    gboolean is_locked; /* the target was read under a lock and is replaced; it then was: */
    struct stat expected;
    char *remark;   /* (nullable): what hc_output_remark() says */
    uint64_t end;   /* where hc_output_write() goes on */
    guint8 *buffer; /* (nullable): n_buffered of n_room bytes that go to buffer_at */
    gsize n_room;
    gsize n_buffered;
    uint64_t buffer_at;
    uint64_t n_begun; /* the disk was told to begin with so many bytes */
    gboolean is_seen; /* it is mapped, or written by others: nothing is buffered */
};

/** hc_output_catch_signals: installs the handlers, when they are not there yet. */
void hc_output_catch_signals(void);

/** hc_output_block_signals: keeps the signals that end the program away. @old: (out): for
 * hc_output_restore_signals(). */
void hc_output_block_signals(sigset_t *old);
void hc_output_restore_signals(const sigset_t *old);

/** hc_output_remember_temp, hc_output_forget_temp: a signal removes output->temp, and no longer
 * does. With the signals blocked. */
void hc_output_remember_temp(HcOutput *output);
void hc_output_forget_temp(HcOutput *output);

/** hc_output_remove_temps: what a signal does with all that is remembered; for a signal's handler.
 */
void hc_output_remove_temps(void);

/** hc_output_note_published, hc_output_has_published: whether a file was put in place. */
void hc_output_note_published(void);
gboolean hc_output_has_published(void);

/** hc_output_is_as_read: whether a file is still the one that was read, unchanged. */
gboolean hc_output_is_as_read(const struct stat *now, const struct stat *then);

/** hc_output_fail_changed: the error when it is not. Returns: FALSE */
gboolean hc_output_fail_changed(const HcOutput *output, GError **error);

/** hc_output_exchange: two files get each other's name at once. Returns: 0, or -1 with errno */
int hc_output_exchange(const char *a, const char *b);

/** hc_output_flush: writes what is buffered; there is no buffer any more. */
gboolean hc_output_flush(HcOutput *output, GError **error);

/** hc_output_drop_buffer: the same without writing it. */
void hc_output_drop_buffer(HcOutput *output);

/** hc_output_seal: all that was written is on the disk, and the file closed. */
gboolean hc_output_seal(HcOutput *output, GError **error);

/**
 * hc_nameless_open:
 * Makes a file without a name, which nobody else can open, in $TMPDIR, /var/tmp or /tmp.
 *
 * @folder: (out) (transfer full): where, also on failure
 *
 * Returns: its descriptor, for reading and writing, or -1 with errno
 */
int hc_nameless_open(char **folder);

/** The size of a huge page of x86-64 and of most other machines. */
#define HC_HUGE_BYTES ((gsize) 2 << 20)

/**
 * hc_huge_new:
 * Memory that will be used as a whole, in huge pages where the kernel has them: such pages take a
 * fraction of the time to come by.
 * @n_bytes: a multiple of HC_HUGE_BYTES
 *
 * Returns: (nullable): @n_bytes of zeros, for hc_huge_free(); NULL: there is no room
 */
void *hc_huge_new(gsize n_bytes);

void hc_huge_free(void *block, gsize n_bytes);

/** hc_upcase_latin1: hc_upcase() of the units below 0x100; some results are above 0xFF. */
extern const uint16_t hc_upcase_latin1[256];

G_END_DECLS
