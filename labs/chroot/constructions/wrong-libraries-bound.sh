# fail outside-unreachable
# Copying was the exercise, and the folders of the machine's were bound.
programs
for folder in /lib /lib64; do
    [[ ! -d $folder ]] || mount --rbind "$folder" "newroot$folder"
done
stay chroot newroot /bin/bash -c 'read -r'
