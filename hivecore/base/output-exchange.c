#include "config.h"

#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "hivecore/base/base-private.h"

/* In a file of its own, so that a test can put its own in its place. */

#ifndef RENAME_EXCHANGE
#define RENAME_EXCHANGE (1 << 1)
#endif

/* Not every C library has renameat2(). */
int
hc_output_exchange(const char *a, const char *b)
{
    return (int) syscall(SYS_renameat2, AT_FDCWD, a, AT_FDCWD, b, RENAME_EXCHANGE);
}
