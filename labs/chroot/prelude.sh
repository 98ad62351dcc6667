# shellcheck shell=bash
# The folders and programs; the libraries, copied with cp's option where one is given; both.
programs() {
    mkdir -p newroot/{bin,lib,lib64}
    cp /bin/bash /bin/ls newroot/bin/
}
copy_libraries() {
    local file option=()
    [[ $1 != -* ]] || { option=("$1") && shift; }
    for file in $(ldd "$@" | grep -o '/lib[^ )]*' | sort -u); do
        mkdir -p "newroot${file%/*}"
        cp "${option[@]}" "$file" "newroot$file"
    done
}
tree() {
    programs
    copy_libraries /bin/bash /bin/ls
}
