#include "config.h"

#include "hivecore/base/choice.h"

#include "hivecore/base/limits.h"

/* Longer names are not compared: three rows of this stand on the stack. */
#define MAX_UNITS 255

HcNearest
hc_nearest_start(HcName wanted)
{
    return (HcNearest){
        .wanted = wanted,
        .limit = MIN(wanted.n_units / 3, 3u) + 1,
        .n_left = wanted.n_units > 0 && wanted.n_units <= MAX_UNITS ? HC_MAX_NEAREST : 0,
        .best = HC_NAME_EMPTY,
    };
}

/* Row @i of the table of distances: from the first @i letters of @a to the first of @b.
 * Returns: the least of them */
static guint
fill_row(guint16 (*rows)[MAX_UNITS + 1], HcName a, HcName b, guint i)
{
    guint16 *row = rows[i % 3];
    const guint16 *above = rows[(i - 1) % 3];
    const guint16 *swapped = rows[(i + 1) % 3]; /* two above */
    guint least = row[0] = (guint16) i;
    const uint16_t unit = hc_upcase(hc_name_unit(a, i - 1));
    for (guint k = 1; k <= b.n_units; k++) {
        const uint16_t other = hc_upcase(hc_name_unit(b, k - 1));
        guint cost = above[k - 1] + (guint) (unit != other);
        cost = MIN(cost, 1 + (guint) MIN(above[k], row[k - 1]));
        if (i > 1 && k > 1 && unit == hc_upcase(hc_name_unit(b, k - 2)) &&
            other == hc_upcase(hc_name_unit(a, i - 2)))
            cost = MIN(cost, 1 + (guint) swapped[k - 2]);
        row[k] = (guint16) cost;
        least = MIN(least, cost);
    }
    return least;
}

/* How many letters differ, or @limit where it is that many or more. */
static guint
distance(HcName a, HcName b, guint limit)
{
    guint16 rows[3][MAX_UNITS + 1];
    for (guint k = 0; k <= b.n_units; k++)
        rows[0][k] = (guint16) k;
    for (guint i = 1; i <= a.n_units; i++) {
        if (fill_row(rows, a, b, i) > limit)
            return limit;
    }
    return MIN(rows[a.n_units % 3][b.n_units], limit);
}

void
hc_nearest_offer(HcNearest *nearest, HcName name)
{
    const guint n = nearest->wanted.n_units;
    if (nearest->n_left == 0 || name.n_units > MAX_UNITS || name.n_units + nearest->limit <= n ||
        n + nearest->limit <= name.n_units)
        return;
    nearest->n_left--;
    const guint far = distance(nearest->wanted, name, nearest->limit);
    if (far >= nearest->limit)
        return;
    nearest->limit = far;
    nearest->best = name;
}
