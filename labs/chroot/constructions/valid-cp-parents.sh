# pass
# cp --parents makes the folders as well.
mkdir jail
libraries=$(ldd /bin/bash /bin/ls | grep -o '/lib[^ )]*' | sort -u)
# shellcheck disable=SC2086 # one word each
cp --parents /bin/bash /bin/ls $libraries jail
stay chroot jail /bin/bash -c 'read -r'
