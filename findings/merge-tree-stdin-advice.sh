#!/bin/sh
# What:    `git merge-tree --stdin -z` prints advice for people ("Recursive merging with submodules currently only supports trivial cases...")
#          into its answers on standard output where a submodule conflicts: bare text, ended by no zero byte. By its page, standard output
#          holds zero-ended fields only, so a program that reads one answer after the other takes the advice for the next answer's status.
# Version: git 2.39.5 (Debian 12). Other versions are not claimed; this script fails where the behaviour is another.
# Assumed: git and a POSIX shell. With --no-messages the advice does not appear.
# Output:  after the last message of the first answer, in the place of the status of the second:
#          "Recursive merging with submodules currently only supports trivial cases. ...<newline><zero>1<zero>..."
set -e
git --version
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
export HOME="$folder" GIT_CONFIG_NOSYSTEM=1 GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@example.org GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@example.org
cd "$folder"

# Three lines of a submodule: both sides move it, and neither is below the other.
git init -q -b main sub
first=$(git -C sub commit-tree "$(git -C sub mktree </dev/null)" -m first </dev/null)
second=$(git -C sub commit-tree "$first^{tree}" -p "$first" -m second </dev/null)
third=$(git -C sub commit-tree "$first^{tree}" -p "$first" -m third </dev/null)
git init -q --bare top
cd top
tree() { printf '160000 commit %s\tsub\n' "$1" | git mktree --missing; }
base=$(git commit-tree "$(tree "$first")" -m base)
ours=$(git commit-tree "$(tree "$second")" -p "$base" -m ours)
theirs=$(git commit-tree "$(tree "$third")" -p "$base" -m theirs)

# Two questions: one whose submodule conflicts, and one that is clean.
ask() { printf '%s %s\n%s %s\n' "$ours" "$theirs" "$ours" "$ours" | git merge-tree --write-tree -z --name-only "$1" --stdin 2>/dev/null; }
ask --messages | tr '\0' '|' > with
ask --no-messages | tr '\0' '|' > without
echo "with messages:"; cat with; echo; echo "without:"; cat without; echo
grep -q '^|Recursive merging with submodules' with
if grep -q 'Recursive merging' without; then echo "the advice is there without messages too"; exit 1; fi
echo "as described"
