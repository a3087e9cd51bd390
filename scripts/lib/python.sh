# shellcheck shell=bash
# Finds a Python 3.10: the one version for which the Paddle-Lite 2.13rc0 wheel exists that this project builds on.
# shellcheck disable=SC2034  # PYTHON is read by the files beside this one

# What an interpreter must be. It prints its path, or says on stderr what is wrong with it. Inside an environment
# the path is that of the interpreter underneath: the environment may be the one about to be replaced.
readonly PYTHON_PROBE='
import sys
found = "Python %d.%d.%d" % sys.version_info[:3]
if sys.version_info[:2] != (3, 10):
    sys.exit(found)
if sys.implementation.name != "cpython" or sys.maxsize < 2**32:
    sys.exit(found + ", but not a 64-bit CPython")
import importlib
missing = []
for name in ("bz2", "ctypes", "lzma", "sqlite3", "ssl", "venv", "zlib"):
    try:
        importlib.import_module(name)
    except ImportError:
        missing.append(name)
if missing:
    sys.exit(found + ", but built without " + ", ".join(missing))
in_environment = sys.prefix != sys.base_prefix
print(sys.base_prefix + "/bin/python3.10" if in_environment else sys.executable)
'

# Really runs COMMAND: a pyenv shim exists for versions that are not selected, and only running it tells.
# Sets PYTHON to the interpreter behind it; otherwise adds the reason to PYTHON_REJECTED and returns 1.
try_python() {
    local command=$1 answer
    if answer=$(timeout 20 "$command" -I -c "$PYTHON_PROBE" 2>&1 </dev/null) && [[ -x $answer ]]; then
        PYTHON=$answer
        return 0
    fi
    [[ $answer == Python\ * ]] || answer="does not run: $answer"
    PYTHON_REJECTED+=("$command (${answer%%$'\n'*})")
    return 1
}

# Interpreters outside PATH: pyenv's versions and the ones uv fetched, newest first.
installed_pythons() {
    local home=${HOME:-/nonexistent} pattern
    for pattern in \
        "${PYENV_ROOT:-$home/.pyenv}/versions/3.10.*/bin/python3.10" \
        "${UV_PYTHON_INSTALL_DIR:-${XDG_DATA_HOME:-$home/.local/share}/uv/python}/cpython-3.10.*/bin/python3.10" \
        "$ROOT/.venv-bootstrap/python/cpython-3.10.*/bin/python3.10"; do
        { compgen -G "$pattern" || true; } | sort -rV
    done
}

# Sets PYTHON to a Python 3.10, or returns 1 with what was looked at in PYTHON_REJECTED.
find_python() {
    local candidate file
    local -a candidates=()
    local -A tried=()
    PYTHON="" PYTHON_REJECTED=()
    if [[ -n ${PPOCR_EDGE_PYTHON:-} ]]; then
        try_python "$PPOCR_EDGE_PYTHON" ||
            fail "PPOCR_EDGE_PYTHON: ${PYTHON_REJECTED[0]} cannot be used; set it to a Python 3.10 or unset it"
        return 0
    fi
    mapfile -t candidates < <(
        type -aP python3.10 python3 python || true
        installed_pythons
    )
    for candidate in "${candidates[@]}"; do
        # /bin and /usr/bin are often one folder, python and python3 one file
        file=$(readlink -f -- "$candidate") || continue
        [[ -n ${tried[$file]:-} ]] && continue
        tried[$file]=1
        try_python "$candidate" && return 0
    done
    if find_uv && candidate=$("$UV" python find --system --no-python-downloads 3.10 2>/dev/null); then
        try_python "$candidate" && return 0
    fi
    return 1
}

# Fetches a Python 3.10 into the checkout (not into the user's home) and sets PYTHON.
fetch_python() {
    find_uv || fetch_uv || return 1
    say "fetching Python 3.10 through uv into .venv-bootstrap (some 30 MB)"
    UV_PYTHON_INSTALL_DIR="$ROOT/.venv-bootstrap/python" UV_PYTHON_INSTALL_BIN=0 \
        "$UV" python install 3.10 >&2 </dev/null || return 1
    find_python
}

# Whether this interpreter can put pip into a new environment (Debian and Ubuntu ship Python without that part).
has_ensurepip() {
    "$1" -I -c 'import ensurepip, venv' >/dev/null 2>&1 </dev/null
}
