#!/usr/bin/env bash
# Makes a Debian or Ubuntu machine ready for the labs: packages, lab itself with completion and manual,
# a word at login. As root: vm/provision.sh [BINARY]
#
# BINARY is a ready lab for this machine; else $LAB_BINARY, else vm/lab-ARCHITECTURE beside this script,
# else it is built from this source. With a binary given and the packages there, no network is needed.
# Running it twice changes nothing; after a failure, mend what it says and run it again.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
log=$(mktemp)
trap 'rm -f "$log"' EXIT

# die WHAT MEND: one line, and the log's last ones where a program left some.
die() {
    [[ ! -s $log ]] || tail -n 5 "$log" >&2
    echo "provision: $1; $2, then run it again" >&2
    exit 1
}

# quietly WHAT MEND COMMAND...: a full disk has a mend of its own.
quietly() {
    local what=$1 mend=$2
    shift 2
    "$@" >"$log" 2>&1 && { : >"$log"; return; }
    ! grep -qi 'no space left' "$log" || mend='free some space on the disk'
    die "$what" "$mend"
}

install_packages() {
    local wanted missing=()
    mapfile -t wanted < <(grep -v '^#' "$here/packages")
    for package in "${wanted[@]}" "$@"; do
        dpkg-query --show --showformat '${db:Status-Status}' "$package" 2>/dev/null |
            grep -qx installed || missing+=("$package")
    done
    [[ ${#missing[@]} -gt 0 ]] || return 0
    echo "provision: installing ${missing[*]}"
    export DEBIAN_FRONTEND=noninteractive
    quietly 'the package lists cannot be fetched' 'connect this machine to the network' \
        apt-get -q update -o APT::Update::Error-Mode=any
    quietly "apt-get cannot install ${missing[*]}" 'look at the lines above' \
        apt-get -q install -y --no-install-recommends "${missing[@]}"
}

# The Rust that lab is tested with; Cargo.toml says which is the oldest that will do.
rust=1.95.0

# Needs the network, and a Rust that is new enough.
build() {
    command -v cargo >/dev/null || install_packages rustup
    command -v cargo >/dev/null || die 'there is no Rust here' \
        'install it (https://rustup.rs), or give a ready binary'
    if command -v rustup >/dev/null && [[ -z $(rustup default 2>/dev/null) ]]; then
        quietly 'Rust cannot be installed' 'connect this machine to the network' \
            rustup toolchain install "$rust" --profile minimal
        rustup default "$rust" >/dev/null 2>&1
    fi
    echo 'provision: building lab, which takes some minutes'
    quietly 'lab cannot be built' 'look at the lines above' env CARGO_TARGET_DIR=/var/cache/lab \
        cargo build --quiet --release --locked --manifest-path "$here/../Cargo.toml"
    binary=/var/cache/lab/release/lab
}

install_lab() {
    binary=${1:-${LAB_BINARY:-}}
    [[ -n $binary || ! -e $here/lab-$(uname -m) ]] || binary=$here/lab-$(uname -m)
    [[ -n $binary ]] || build
    [[ -f $binary ]] || die "there is no $binary" 'give the path of a lab binary, or none'
    [[ $("$binary" --version 2>/dev/null) == lab\ * ]] ||
        die "$binary is no lab for this machine ($(uname -m))" 'give one that is, or none'
    cmp -s "$binary" /usr/local/bin/lab || quietly 'lab cannot be copied' 'make /usr/local writable' \
        install -D -m 0755 "$binary" /usr/local/bin/lab
}

# Written only where it differs, so that a second run changes nothing.
write() {
    local text
    text=$(cat)
    [[ -e $1 && $(<"$1") == "$text" ]] && return
    mkdir -p "$(dirname "$1")"
    printf '%s\n' "$text" >"$1" || die "$1 cannot be written" 'free some space on the disk'
}

[[ $EUID == 0 ]] || die 'this needs root' 'use sudo'
command -v apt-get >/dev/null || die 'this is neither Debian nor Ubuntu' 'use the VM'
install_packages
install_lab "$@"
/usr/local/bin/lab completions bash | write /usr/share/bash-completion/completions/lab
/usr/local/bin/lab completions zsh | write /usr/local/share/zsh/site-functions/_lab
/usr/local/bin/lab completions fish | write /usr/share/fish/vendor_completions.d/lab.fish
/usr/local/bin/lab manual | write /usr/local/share/man/man1/lab.1
write /etc/profile.d/lab.sh <<'TEXT'
# A word at login.
case $- in *i*)
    printf '%s\n' 'Type lab for the course, sudo lab chroot for its first lab.' \
        'lab을 치면 실습 목록이 나옵니다. 첫 실습은 sudo lab chroot입니다.'
    ;;
esac
TEXT
echo "provision: $(/usr/local/bin/lab --version) is ready"
