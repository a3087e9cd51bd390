# shellcheck shell=bash
# The checkout's own Python environment, .venv: made where it is missing or out of date, otherwise left alone.
#
# Callers set ROOT, the checkout, and call prepare_environment. Afterwards $ROOT/.venv/bin is ready.

readonly LIB="$ROOT/scripts/lib"
# shellcheck source=scripts/lib/messages.sh
source "$LIB/messages.sh"
# shellcheck source=scripts/lib/system.sh
source "$LIB/system.sh"
# shellcheck source=scripts/lib/uv.sh
source "$LIB/uv.sh"
# shellcheck source=scripts/lib/python.sh
source "$LIB/python.sh"

readonly VENV="$ROOT/.venv"
readonly STAMP="$VENV/ppocr-edge-stamp"

prepare_environment() {
    # settings made for another Python would reach into this one
    unset PYTHONHOME PYTHONPATH
    use_writable_home
    environment_is_fresh && return
    [[ $(uname -sm) == "Linux x86_64" ]] ||
        fail "this machine is $(uname -sm): Paddle-Lite's Python wheel exists for Linux x86_64 alone"
    [[ -w $ROOT ]] || fail "$ROOT: not writable; clone the project into a folder of your own"
    (
        # The lock is the checkout's folder itself: nothing to clean up. It ends with this subshell, or with
        # the last child of an interrupted one that still writes into .venv.
        exec 9<"$ROOT"
        flock --nonblock 9 || {
            say "another process is preparing $VENV: waiting for it"
            flock --timeout 3600 9 || fail "$VENV: still being prepared by another process after an hour; end that one"
        }
        environment_is_fresh || build_environment
    )
}

# An environment is complete when its stamp says what would be said now. The stamp is written last, so an
# interrupted preparation has none; it names the checkout, because an environment cannot be moved.
environment_is_fresh() {
    local written
    [[ -f $STAMP && -x $VENV/bin/ppocr-edge ]] &&
        written=$(<"$STAMP") &&
        [[ $written == "$(environment_stamp)" ]]
}

environment_stamp() {
    local version
    # fails where the interpreter underneath was removed
    version=$("$VENV/bin/python" -I -c 'import sys; print(sys.version)' 2>/dev/null </dev/null) || return
    {
        printf 'layout 1\n%s\n%s\n' "$ROOT" "$version"
        cat "$ROOT/requirements.lock" "$ROOT/setup.cfg" "$ROOT/pyproject.toml"
    } | sha256sum
}

build_environment() {
    local started=$SECONDS libraries=present
    need_system libgomp1:libgomp.so.1 || libraries=missing
    find_python || fetch_python || fail "$(no_python_message)"
    # not earlier: whoever must ask for a package asks for all of them at once
    [[ $libraries == present ]] || fail "Paddle cannot be loaded without libgomp.so.1 (how to install it stands above)"
    say "preparing $VENV with $PYTHON"
    if find_uv || { ! has_ensurepip "$PYTHON" && fetch_uv; }; then
        install_lock_with_uv || {
            has_ensurepip "$PYTHON" || fail "$(install_failed_message)"
            say "uv could not install the packages; trying pip, which has its own settings"
            install_lock_with_pip || fail "$(install_failed_message)"
        }
    elif has_ensurepip "$PYTHON"; then
        install_lock_with_pip || fail "$(install_failed_message)"
    else
        fail "$PYTHON has no pip and no way to get one (why stands above); on Debian and Ubuntu:" \
            "sudo apt-get install python3-venv, then run this again"
    fi
    install_project || fail "$ROOT: building the project itself failed; the reason stands above"
    "$VENV/bin/ppocr-edge" --version >/dev/null ||
        fail "$VENV: the installed ppocr-edge does not start; the reason stands above"
    environment_stamp >"$STAMP.new"
    mv "$STAMP.new" "$STAMP"
    say "$VENV is ready, after $((SECONDS - started)) s"
}

install_lock_with_uv() {
    INSTALL=("$UV" pip install --python "$VENV/bin/python")
    QUIET=-q
    # uv reads none of pip's settings; these two decide whether it reaches a company's package index at all
    [[ -n ${UV_DEFAULT_INDEX:-}${UV_INDEX_URL:-} || -z ${PIP_INDEX_URL:-} ]] || export UV_DEFAULT_INDEX=$PIP_INDEX_URL
    [[ -n ${SSL_CERT_FILE:-} || -z ${PIP_CERT:-} ]] || export SSL_CERT_FILE=$PIP_CERT
    rm -rf "$VENV"
    "$UV" venv -q --python "$PYTHON" "$VENV" >&2 </dev/null && install_lock
}

install_lock_with_pip() {
    INSTALL=("$VENV/bin/python" -I -m pip --disable-pip-version-check install)
    QUIET=-qq
    # settings for where pip installs would lead past the environment
    unset PIP_USER PIP_TARGET PIP_PREFIX PIP_ROOT
    rm -rf "$VENV"
    "$PYTHON" -I -m venv "$VENV" >&2 </dev/null && install_lock
}

# Progress is for a terminal; elsewhere only errors are printed.
install_lock() {
    local -a progress=()
    [[ -t 2 ]] || progress=("$QUIET")
    say "installing $(grep -c '^[a-z].*==' "$ROOT/requirements.lock") packages: some 400 MB to fetch where they" \
        "are not cached, 1.3 GB on disk; done once, in a few minutes"
    "${INSTALL[@]}" "${progress[@]}" --require-hashes --no-deps -r "$ROOT/requirements.lock" >&2 </dev/null
}

install_project() {
    "${INSTALL[@]}" "$QUIET" --no-deps --no-build-isolation --editable "$ROOT" >&2 </dev/null
}

no_python_message() {
    local seen
    printf -v seen '%s, ' "${PYTHON_REJECTED[@]:-nothing}"
    printf '%s' "no Python 3.10 (found: ${seen%, }), and none could be fetched (why stands above); install one" \
        " (with uv: uv python install 3.10; with pyenv: pyenv install 3.10; or what lets this script fetch it," \
        " on Debian and Ubuntu: sudo apt-get install python3-venv), then run this again." \
        " PPOCR_EDGE_PYTHON=/path/to/python3.10 names one that is not found"
}

install_failed_message() {
    printf '%s' "$VENV: installing the packages of requirements.lock failed (why stands above);" \
        " run this again when that is mended: what was fetched is kept"
}

# A service account often has no home it can write to; package caches and this project's own need one.
use_writable_home() {
    [[ -n ${HOME:-} && -d $HOME && -w $HOME ]] && return
    export HOME="$ROOT/.venv-bootstrap/home"
    mkdir -p "$HOME" 2>/dev/null || fail "$ROOT: not writable, and HOME is not either; set HOME to a folder that is"
}
