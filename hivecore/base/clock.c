#include "config.h"

#include "hivecore/base/clock.h"

#include <inttypes.h>

#include "hivecore/base/error.h"

enum {
    UNITS_PER_SECOND = 10000000,
    SECONDS_PER_DAY = 86400
};

/* The last second of year 9999. */
#define EPOCH_MAX_SECONDS INT64_C(253402300799)

gboolean
hc_epoch_read(HcEpoch *epoch, GError **error)
{
    const char *text = g_getenv("SOURCE_DATE_EPOCH");
    if (text == NULL || text[0] == '\0') {
        *epoch = (HcEpoch){FALSE, 0};
        return TRUE;
    }
    int64_t seconds = 0;
    const char *p = text;
    for (; g_ascii_isdigit(*p) && seconds <= EPOCH_MAX_SECONDS; p++)
        seconds = 10 * seconds + g_ascii_digit_value(*p);
    if (p == text || *p != '\0' || seconds > EPOCH_MAX_SECONDS) {
        g_autofree char *shown = g_strescape(text, NULL);
        return hc_fail(error, HC_ERROR_USAGE,
                       "SOURCE_DATE_EPOCH: \"%s\" is not a number of seconds from 0 to %" PRId64,
                       shown, EPOCH_MAX_SECONDS);
    }
    *epoch = (HcEpoch){TRUE, seconds};
    return TRUE;
}

typedef struct {
    uint32_t year;
    uint32_t month;
    uint32_t day;
} CivilDate;

static uint32_t
days_in_month(uint32_t year, uint32_t month)
{
    static const uint8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    gboolean is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return month == 2 && is_leap ? 29 : days[month - 1];
}

/* @days since 1601-01-01, which starts a 400-year cycle: its leap years come last. */
static CivilDate
civil_from_days(uint64_t days)
{
    enum {
        DAYS_400 = 146097,
        DAYS_100 = 36524,
        DAYS_4 = 1461,
        DAYS_1 = 365
    };
    uint32_t cycles = (uint32_t) (days / DAYS_400);
    uint32_t rest = (uint32_t) (days % DAYS_400);
    uint32_t centuries = MIN(rest / DAYS_100, 3);
    rest -= centuries * DAYS_100;
    uint32_t fours = rest / DAYS_4;
    rest -= fours * DAYS_4;
    uint32_t years = MIN(rest / DAYS_1, 3);
    rest -= years * DAYS_1;
    uint32_t year = 1601 + 400 * cycles + 100 * centuries + 4 * fours + years;
    uint32_t month = 1;
    while (rest >= days_in_month(year, month))
        rest -= days_in_month(year, month++);
    return (CivilDate){year, month, rest + 1};
}

/* Both return the end of what they wrote. */
static char *
put_char(char *at, char c)
{
    *at = c;
    return at + 1;
}

static char *
put_digits(char *at, uint32_t number, guint n_digits)
{
    for (guint i = n_digits; i > 0; i--) {
        at[i - 1] = (char) ('0' + number % 10);
        number /= 10;
    }
    return at + n_digits;
}

void
hc_filetime_append(GString *out, uint64_t filetime)
{
    uint64_t seconds = filetime / UNITS_PER_SECOND;
    uint32_t fraction = (uint32_t) (filetime % UNITS_PER_SECOND);
    CivilDate date = civil_from_days(seconds / SECONDS_PER_DAY);
    uint32_t second = (uint32_t) (seconds % SECONDS_PER_DAY);
    char text[32];
    char *at = put_digits(text, date.year, date.year < 10000 ? 4 : 5);
    at = put_digits(put_char(at, '-'), date.month, 2);
    at = put_digits(put_char(at, '-'), date.day, 2);
    at = put_digits(put_char(at, 'T'), second / 3600, 2);
    at = put_digits(put_char(at, ':'), second / 60 % 60, 2);
    at = put_digits(put_char(at, ':'), second % 60, 2);
    if (fraction != 0)
        at = put_digits(put_char(at, '.'), fraction, 7);
    at = put_char(at, 'Z');
    g_string_append_len(out, text, at - text);
}

/* @n_digits digits at *@at, which then is behind them; from @low to @high. */
static gboolean
take_number(const char **at, guint n_digits, uint32_t low, uint32_t high, uint32_t *number)
{
    *number = 0;
    for (guint i = 0; i < n_digits; i++) {
        if (!g_ascii_isdigit((*at)[i]))
            return FALSE;
        *number = 10 * *number + (uint32_t) g_ascii_digit_value((*at)[i]);
    }
    *at += n_digits;
    return *number >= low && *number <= high;
}

static gboolean
take_char(const char **at, char c)
{
    if (**at != c)
        return FALSE;
    (*at)++;
    return TRUE;
}

/* "05:24", "05:24:01", "05:24:01.1234567". @units: (inout): added to; @grain: (out): of the last
 * part */
static gboolean
take_clock(const char **at, uint64_t *units, uint64_t *grain)
{
    uint32_t hour;
    uint32_t minute;
    uint32_t second = 0;
    if (!take_number(at, 2, 0, 23, &hour) || !take_char(at, ':') ||
        !take_number(at, 2, 0, 59, &minute))
        return FALSE;
    *grain = 60 * (uint64_t) UNITS_PER_SECOND;
    if (take_char(at, ':')) {
        if (!take_number(at, 2, 0, 59, &second))
            return FALSE;
        *grain = UNITS_PER_SECOND;
    }
    *units += (3600 * (uint64_t) hour + UINT64_C(60) * minute + second) * UNITS_PER_SECOND;
    if (*grain != UNITS_PER_SECOND || !take_char(at, '.'))
        return TRUE;
    uint64_t place = UNITS_PER_SECOND;
    for (; g_ascii_isdigit(**at) && place > 1; (*at)++) {
        place /= 10;
        *units += place * (uint64_t) g_ascii_digit_value(**at);
    }
    *grain = place;
    return place < UNITS_PER_SECOND;
}

static uint64_t
days_from_civil(CivilDate date)
{
    const uint32_t years = date.year - 1601;
    uint64_t days = 365 * (uint64_t) years + years / 4 - years / 100 + years / 400;
    for (uint32_t month = 1; month < date.month; month++)
        days += days_in_month(date.year, month);
    return days + date.day - 1;
}

/* "2022", "2022-05", "2022-05-07". @days: since 1601; @n_days: that it has */
static gboolean
take_date(const char **at, uint64_t *days, uint64_t *n_days)
{
    CivilDate date = {0, 1, 1};
    CivilDate end;
    if (!take_number(at, 4, 1601, 9999, &date.year))
        return FALSE;
    end = (CivilDate){date.year + 1, 1, 1};
    if (take_char(at, '-')) {
        if (!take_number(at, 2, 1, 12, &date.month))
            return FALSE;
        end = date.month < 12 ? (CivilDate){date.year, date.month + 1, 1} : end;
        if (take_char(at, '-')) {
            if (!take_number(at, 2, 1, days_in_month(date.year, date.month), &date.day))
                return FALSE;
            *days = days_from_civil(date);
            *n_days = 1;
            return TRUE;
        }
    }
    *days = days_from_civil(date);
    *n_days = days_from_civil(end) - *days;
    return TRUE;
}

/* "+02:00", "-0500", "+02", with a space before it or none. @units: (inout): made UTC */
static gboolean
take_zone(const char **at, uint64_t *units)
{
    enum {
        MAX_HOURS = 14
    };
    uint32_t hours;
    uint32_t minutes = 0;
    (void) take_char(at, ' ');
    const gboolean is_east = take_char(at, '+');
    if ((!is_east && !take_char(at, '-')) || !take_number(at, 2, 0, MAX_HOURS, &hours))
        return FALSE;
    if ((take_char(at, ':') || **at != '\0') && !take_number(at, 2, 0, 59, &minutes))
        return FALSE;
    const uint64_t zone = (60 * (uint64_t) hours + minutes) * 60 * UNITS_PER_SECOND;
    if (is_east && zone > *units)
        return FALSE;
    *units = is_east ? *units - zone : *units + zone;
    return TRUE;
}

/* "@1651900000", since 1970. */
static gboolean
parse_unix(const char *text, uint64_t *filetime)
{
    int64_t seconds = 0;
    const char *at = text;
    for (; g_ascii_isdigit(*at) && seconds <= EPOCH_MAX_SECONDS; at++)
        seconds = 10 * seconds + g_ascii_digit_value(*at);
    if (at == text || *at != '\0' || seconds > EPOCH_MAX_SECONDS)
        return FALSE;
    *filetime = hc_filetime_from_unix(seconds);
    return TRUE;
}

gboolean
hc_filetime_parse(const char *text, gboolean is_end, uint64_t *filetime)
{
    const char *at = text;
    uint64_t days;
    uint64_t n_days;
    uint64_t grain = UNITS_PER_SECOND;
    if (take_char(&at, '@')) {
        if (!parse_unix(at, filetime))
            return FALSE;
        *filetime += is_end ? grain - 1 : 0;
        return TRUE;
    }
    if (!take_date(&at, &days, &n_days))
        return FALSE;
    grain = n_days * SECONDS_PER_DAY * UNITS_PER_SECOND;
    *filetime = days * SECONDS_PER_DAY * UNITS_PER_SECOND;
    const gboolean has_clock = n_days == 1 && (take_char(&at, 'T') || take_char(&at, ' '));
    if ((has_clock && !take_clock(&at, filetime, &grain)) ||
        (!take_char(&at, 'Z') && *at != '\0' && !(has_clock && take_zone(&at, filetime))))
        return FALSE;
    *filetime += is_end ? grain - 1 : 0;
    return *at == '\0';
}
