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
    local python
    local -a pythons=()
    mapfile -t pythons < <(type -aP python3 python || true)
    for python in "${pythons[@]}"; do
        can_install "$python" || continue
        fetch_uv_with "$python" && find_uv
        return
    done
    say "this machine has no pip, and no Python that can make an environment with pip"
    install_system python3-venv && fetch_uv_with /usr/bin/python3 && find_uv
}

can_install() {
    has_ensurepip "$1" || "$1" -I -m pip --version >/dev/null 2>&1 </dev/null
}

# fetch_uv_with PYTHON, which can install
fetch_uv_with() {
    local python=$1 folder="$ROOT/.venv-bootstrap"
    local -a target=()
    say "fetching uv with $python into .venv-bootstrap (some 18 MB)"
    rm -rf "$folder/uv"
    mkdir -p "$folder"
    pinned_uv >"$folder/uv.txt"
    if has_ensurepip "$python"; then
        "$python" -I -m venv "$folder/uv" >&2 </dev/null || return
        python="$folder/uv/bin/python"
    else
        target=(--target "$folder/uv")
    fi
    "$python" -I -m pip install -q --require-hashes --no-deps "${target[@]}" -r "$folder/uv.txt" >&2 </dev/null
}
