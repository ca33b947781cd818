# HC_LIBRARY_FILE(VARIABLE, NAME, LIBS, FUNCTION)
# The file that programs name which are linked with libNAME, with its version, for those that load it.
AC_DEFUN([HC_LIBRARY_FILE], [
    AC_CACHE_CHECK([for the name of lib$2], [hc_cv_file_$2], [
        hc_saved_LIBS=$LIBS
        LIBS="$3 $LIBS"
        hc_cv_file_$2=
        AC_LINK_IFELSE([AC_LANG_CALL([], [$4])],
            [hc_cv_file_$2=$(${READELF:-readelf} -d conftest$ac_exeext | tr -d '@<:@@:>@' |
                awk '/NEEDED/ && $NF ~ /^lib$2@<:@.@:>@so/ { print $NF }')])
        LIBS=$hc_saved_LIBS
    ])
    AS_IF([test -z "$hc_cv_file_$2"], [AC_MSG_ERROR([no shared library lib$2, or no readelf])])
    AC_SUBST([$1], [$hc_cv_file_$2])
])
