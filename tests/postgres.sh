#!/bin/sh
# Finds the PostgreSQL that the tests start for themselves, installs it where that is possible, or says how to.
command -v initdb >/dev/null 2>&1 && exit 0
ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends postgresql >/dev/null && exit 0
fi
echo "The tests of many machines need PostgreSQL: install it (Debian, Ubuntu: apt-get install postgresql) or put its initdb on the PATH." >&2
exit 1
