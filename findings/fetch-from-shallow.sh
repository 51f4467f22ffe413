#!/bin/sh
# What:    `git fetch` of a named ref from a repository whose own copy is shallow ends with 0 and makes no ref: it only warns ("rejected ...
#          because shallow roots are not allowed to be updated"). Whoever believes the exit status takes a ref for fetched that is not there.
# Version: git 2.39.5 (Debian 12). Other versions are not claimed; this script fails where the behaviour is another.
# Assumed: git and a POSIX shell.
# Output:  "exit 0" and an empty list of refs.
set -e
git --version
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
export HOME="$folder" GIT_CONFIG_NOSYSTEM=1 GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@example.org GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@example.org
cd "$folder"
git init -q -b main whole
git -C whole commit -q --allow-empty -m one
git -C whole commit -q --allow-empty -m two
git clone -q --bare --depth 1 "file://$folder/whole" shallow
git init -q --bare mirror
cd mirror
git fetch --no-tags ../shallow +refs/heads/main:refs/forge/heads/main && code=0 || code=$?
refs=$(git for-each-ref)
echo "exit $code, refs: \"$refs\""
[ "$code" = 0 ] && [ -z "$refs" ]
echo "as described"
