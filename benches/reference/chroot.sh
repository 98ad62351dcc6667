#!/usr/bin/env bash
# The work of `lab chroot`, without narrating or checking: the tree, the programs, a first try that
# fails, the libraries, a look from inside, and a process that stays there for a moment.
set -euo pipefail

cd "$(mktemp -d)"
trap 'cd /; rm -rf --one-file-system "$OLDPWD"' EXIT

mkdir -p newroot/{bin,lib,lib64}
cp /bin/bash /bin/ls newroot/bin/
if chroot newroot /bin/bash -c exit 2>/dev/null; then exit 1; fi
for file in $(ldd /bin/bash /bin/ls | grep -o '/lib[^ )]*' | sort -u); do
    mkdir -p "newroot${file%/*}"
    cp "$file" "newroot$file"
done
chroot newroot /bin/bash -c 'pwd; ls; date' >/dev/null 2>&1 || true
chroot newroot /bin/bash -c 'exit 0'
