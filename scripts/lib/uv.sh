# shellcheck shell=bash
# Finds uv, or gets the version pinned in requirements.lock by whatever pip the machine has.
# shellcheck disable=SC2034  # UV is read by the files beside this one

# Sets UV to a uv that runs and is recent enough to know `uv python install`, or returns 1.
find_uv() {
    local candidate version
    UV=""
    for candidate in "$(type -P uv)" "${HOME:-}/.local/bin/uv" "${HOME:-}/.cargo/bin/uv" \
        "$ROOT/.venv-bootstrap/uv/bin/uv"; do
        [[ -x $candidate ]] || continue
        version=$(timeout 20 "$candidate" --version 2>/dev/null </dev/null) || continue
        if [[ $version =~ ^uv\ ([0-9]+)\.([0-9]+)\. ]] && ((BASH_REMATCH[1] > 0 || BASH_REMATCH[2] >= 4)); then
            UV=$candidate
            return 0
        fi
    done
    return 1
}

# Prints uv's lines of the lock: its version and the hashes it must have.
pinned_uv() {
    awk '/^uv==/ { inside = 1 } inside { print } inside && !/\\$/ { exit }' "$ROOT/requirements.lock"
}

# Gets uv into .venv-bootstrap with any Python 3 that has pip or can make an environment that has it.
fetch_uv() {
    local folder="$ROOT/.venv-bootstrap" python
    local -a pythons=()
    mapfile -t pythons < <(type -aP python3 python || true)
    for python in "${pythons[@]}"; do
        fetch_uv_with "$python" "$folder" && find_uv && return 0
    done
    say "this machine has no pip, and no Python that can make an environment with pip"
    install_system python3-venv || return 1
    fetch_uv_with /usr/bin/python3 "$folder" && find_uv
}

# fetch_uv_with PYTHON FOLDER
fetch_uv_with() {
    local python=$1 folder=$2
    mkdir -p "$folder"
    pinned_uv >"$folder/uv.txt"
    if has_ensurepip "$python"; then
        say "fetching uv with $python into .venv-bootstrap (some 18 MB)"
        rm -rf "$folder/uv"
        "$python" -I -m venv "$folder/uv" >&2 &&
            "$folder/uv/bin/python" -I -m pip install --quiet --require-hashes --no-deps -r "$folder/uv.txt" >&2 </dev/null
    elif "$python" -I -m pip --version >/dev/null 2>&1 </dev/null; then
        say "fetching uv with the pip of $python into .venv-bootstrap (some 18 MB)"
        rm -rf "$folder/uv"
        "$python" -I -m pip install --quiet --require-hashes --no-deps --target "$folder/uv" -r "$folder/uv.txt" >&2 </dev/null
    else
        return 1
    fi
}
