# fail proc-of-its-own
# A root that has no /proc at all.
mkdir -p fs/{bin,lib,lib64}
cp /bin/bash fs/bin/
for file in $(ldd /bin/bash | grep -o '/lib[^ )]*'); do
    mkdir -p "fs${file%/*}"
    cp "$file" "fs$file"
done
stay unshare -upmf bash -c 'hostname box; exec chroot fs /bin/bash -c "read -r"'
