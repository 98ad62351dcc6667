#!/usr/bin/env bash
# The work of `lab overlay`, without narrating or checking: layers, copy-up, a new file, a whiteout,
# an opaque directory, mounting again, and a second container.
set -euo pipefail

[[ ${1:-} == inside ]] || exec unshare --mount "$0" inside
folder=$(mktemp -d)
trap 'cd /; umount "$folder"; rmdir "$folder"' EXIT
mount -t tmpfs bench "$folder"
cd "$folder"

mkdir container image1 image2 work merge container2 work2 merge2 image1/dir
echo Hello, a >image1/a
echo Hello, b >image1/b
echo HEllo, c >image2/c
echo hidden >image1/dir/old
mount -t overlay overlay -o lowerdir=image2:image1,upperdir=container,workdir=work merge
cat merge/a >/dev/null
echo Hello, yumi >merge/a
echo Hello, d >merge/d
rm merge/b
rm -r merge/dir
mkdir merge/dir
umount merge
mount -t overlay overlay -o lowerdir=image2:image1,upperdir=container,workdir=work merge
mount -t overlay overlay -o lowerdir=image2:image1,upperdir=container2,workdir=work2 merge2
cat merge2/a merge2/b >/dev/null
umount merge merge2
