# shellcheck shell=bash
# One-line messages. Everything goes to stderr, so that a command's own output can be piped.

say() {
    printf 'ppocr-edge: %s\n' "$*" >&2
}

# Ends the script with the exit code every refusal of this project has.
fail() {
    say "$@"
    exit 2
}
