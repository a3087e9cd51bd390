# shellcheck shell=bash
# Parts of the operating system: looked for first, installed by apt-get as root and saying so, named otherwise.

# has_system PROBE: a library's file name (libgomp.so.1), an absolute path or glob, or a command.
has_system() {
    local known
    case $1 in
        /*) compgen -G "$1" >/dev/null ;;
        *.so | *.so.*)
            known=$(/sbin/ldconfig -p 2>/dev/null) && [[ $known == *[[:space:]]"$1 "* ]]
            ;;
        *) PATH="$PATH:/usr/sbin:/sbin" type -P "$1" >/dev/null ;;
    esac
}

# need_system PACKAGE:PROBE[,PROBE…] …: installs the packages none of whose probes is there.
# Returns 1 where something is missing still, after a line that says what to type.
need_system() {
    local part probe
    local -a missing=() probes
    for part in "$@"; do
        IFS=, read -ra probes <<<"${part#*:}"
        for probe in "${probes[@]}"; do
            has_system "$probe" && continue 2
        done
        missing+=("${part%%:*}")
    done
    ((${#missing[@]} == 0)) || install_system "${missing[@]}"
}

# install_system PACKAGE…
install_system() {
    if ! type -P apt-get >/dev/null; then
        say "missing on this system: $*; install what your distribution calls it (on Debian and Ubuntu: apt-get install $*)"
        return 1
    fi
    if [[ $(id -u) != 0 ]]; then
        say "missing on this system: $*; to install: sudo apt-get install $*"
        return 1
    fi
    say "installing as root: apt-get install $*"
    # the package lists of a fresh container are empty, those of an old one name files that are gone
    apt_install "$@" 2>/dev/null || { apt_get update && apt_install "$@"; } || {
        say "apt-get could not install $*; its own words stand above. To try again: apt-get update && apt-get install $*"
        return 1
    }
}

apt_install() {
    apt_get install --yes --no-install-recommends "$@"
}

apt_get() {
    DEBIAN_FRONTEND=noninteractive timeout 900 apt-get -qq -o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=120 "$@" >&2 </dev/null
}
