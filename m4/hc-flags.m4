# HC_ADD_FLAG(VARIABLE, FLAG)
# Appends FLAG to VARIABLE when the compiler takes it, so that an older compiler still builds.
AC_DEFUN([HC_ADD_FLAG], [
    AS_VAR_PUSHDEF([hc_cache], [hc_cv_flag_$2])
    AC_CACHE_CHECK([whether $CC accepts $2], [hc_cache], [
        hc_saved_CFLAGS=$CFLAGS
        CFLAGS="$CFLAGS -Werror $2"
        AC_COMPILE_IFELSE([AC_LANG_PROGRAM()],
            [AS_VAR_SET([hc_cache], [yes])], [AS_VAR_SET([hc_cache], [no])])
        CFLAGS=$hc_saved_CFLAGS
    ])
    AS_VAR_IF([hc_cache], [yes], [AS_VAR_APPEND([$1], [" $2"])])
    AS_VAR_POPDEF([hc_cache])
])

# HC_ADD_FLAGS(VARIABLE, FLAGS...)
AC_DEFUN([HC_ADD_FLAGS], [m4_foreach_w([hc_flag], [$2], [HC_ADD_FLAG([$1], hc_flag)])])
