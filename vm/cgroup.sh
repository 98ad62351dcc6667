#!/usr/bin/env bash
# Chooses the version of control groups that this machine boots with: vm/cgroup.sh v1|v2, as root. It
# takes effect at the next boot. From systemd 256 on, v1 must be asked for twice; from 258 on it is gone.
set -euo pipefail

config=/etc/default/grub.d/lab-cgroup.cfg
legacy='systemd.unified_cgroup_hierarchy=0 systemd.legacy_systemd_cgroup_controller=1'
legacy+=' SYSTEMD_CGROUP_ENABLE_LEGACY_FORCE=1'

die() {
    echo "cgroup: $1; $2" >&2
    exit 1
}

[[ $EUID == 0 ]] || die 'this needs root' 'use sudo'
case ${1:-} in
    v1)
        version=$(systemctl --version | awk 'NR == 1 { print $2 + 0 }')
        [[ $version -lt 258 ]] || die "systemd $version knows no cgroup v1" 'use Debian 13 or older'
        mkdir -p "$(dirname "$config")"
        # The shell that reads it expands the variable.
        # shellcheck disable=SC2016
        printf 'GRUB_CMDLINE_LINUX="$GRUB_CMDLINE_LINUX %s"\n' "$legacy" >"$config"
        ;;
    v2) rm -f "$config" ;;
    *) die 'no such version' 'say v1 or v2' ;;
esac
command -v update-grub >/dev/null || die 'this machine does not boot by grub' \
    "add to its kernel's command line: $legacy"
update-grub >/dev/null 2>&1 || die 'update-grub failed' 'run it by hand and look'
echo "cgroup: $1 from the next boot on"
