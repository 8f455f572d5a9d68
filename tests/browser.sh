#!/bin/sh
# Finds the Chromium that the playground is tested in, installs it where that is possible, or says how to.
for name in "${CHROMIUM:-chromium}" chromium-browser google-chrome google-chrome-stable; do
    command -v "$name" >/dev/null 2>&1 && exit 0
done
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium >/dev/null && exit 0
fi
echo "The playground's tests need Chromium: install it (Debian, Ubuntu: apt-get install chromium) or set CHROMIUM to its path." >&2
exit 1
