#pragma once

#include <sys/types.h>

#include "hivecore/base/stream.h"

G_BEGIN_DECLS

/** HcPager: a program that shows standard output on a terminal, as git has it. */
typedef struct {
    pid_t pid; /* 0: none was started */
} HcPager;

/**
 * hc_pager_offer:
 * When standard output is a terminal: has the pager of HIVETOOL_PAGER or PAGER between, from the
 * first byte on; where neither is set less, for what does not fit the screen. None for "", "cat"
 * and a terminal that can do nothing.
 */
void hc_pager_offer(HcPager *pager, HcStream *stream);

/** hc_pager_wait: until the user has left it; standard output was closed. Returns: whether there
 * was one that could be run */
gboolean hc_pager_wait(HcPager *pager);

G_END_DECLS
