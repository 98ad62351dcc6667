# pass
# As containers from scratch do in their talks: a root of its own as well, with a proc in it.
mkdir -p fs/{bin,lib,lib64,proc}
cp /bin/bash fs/bin/
for file in $(ldd /bin/bash | grep -o '/lib[^ )]*'); do
    mkdir -p "fs${file%/*}"
    cp "$file" "fs$file"
done
stay unshare --uts --pid --mount --fork bash -c \
    'hostname container; mount -t proc proc fs/proc; exec chroot fs bash -c "read -r"'
