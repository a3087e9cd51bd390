"""The script that a device is asked with; it answers with one line per fact: ``key=value``.

The last fact, the folder, may be of several lines; ``=end`` follows it. For POSIX shells, BusyBox's and
Android's: facts are read with the shell's own ``read`` where that can be, as every program it starts takes
10 ms on a phone. What a device does not have is left out. Nothing is written there.
"""

from __future__ import annotations

from typing import Final

from deploy_tools.devices.remote.facts import BITS
from deploy_tools.devices.store.asking import PLACE, compact

_MACHINE: Final = (
    r"""
exec 2>/dev/null
say() { v=; read -r v <"$2"; [ -n "$v" ] && echo "$1=$v"; }
echo "uname=$(uname -srm)"
echo "id=$(id)"
"""
    + BITS
    + r"""
for c in /sys/devices/system/cpu/cpu[0-9]*; do
    echo "core=${c##*/cpu}"
    say online $c/online
    say khz $c/cpufreq/cpuinfo_max_freq
    say governor $c/cpufreq/scaling_governor
done
while read -r v; do
    case $v in
    processor*|CPU?implementer*|CPU?part*|Features*|Hardware*|model?name*) echo "cpu=$v" ;;
    esac
done </proc/cpuinfo
while read -r v; do
    case $v in Mem*) echo "memory=$v" ;; Cached*) break ;; esac
done </proc/meminfo
for z in /sys/class/thermal/thermal_zone*; do
    t=; read -r t <$z/temp
    [ -n "$t" ] && { v=; read -r v <$z/type; echo "temperature=$t $v"; }
done
say board /proc/device-tree/model || say board /sys/firmware/devicetree/base/model
[ -r /proc/device-tree/compatible ] && echo "compatible=$(tr '\000' ' ' </proc/device-tree/compatible)"
say soc_family /sys/devices/soc0/family
say soc_id /sys/devices/soc0/soc_id
say soc_machine /sys/devices/soc0/machine
say vendor /sys/class/dmi/id/sys_vendor
say product /sys/class/dmi/id/product_name
"""
)

_SYSTEM: Final = r"""
while read -r v; do
    case $v in PRETTY_NAME=*) echo "os=${v#*=}" ;; esac
done </etc/os-release
if [ -x /system/bin/getprop ] || command -v getprop >/dev/null; then
    for k in product.manufacturer product.model board.platform soc.manufacturer soc.model \
        build.version.release build.version.sdk product.cpu.abilist product.cpu.abi; do
        echo "$k=$(getprop ro.$k)"
    done
fi
for f in /lib/ld-linux-aarch64.so.1 /lib/ld-linux-armhf.so.3 /lib/ld-linux.so.3 /lib64/ld-linux-x86-64.so.2 \
    /lib/ld-musl-*.so.1 /system/bin/linker /system/bin/linker64; do
    [ -e "$f" ] && echo "loader=$f"
done
echo "libc=$(getconf GNU_LIBC_VERSION)"
for f in /usr/lib/libstdc++.so.6 /usr/lib64/libstdc++.so.6 /usr/lib/*/libstdc++.so.6 /lib/libstdc++.so.6 \
    /usr/lib/libgomp.so.1 /usr/lib64/libgomp.so.1 /usr/lib/*/libgomp.so.1 /lib/libgomp.so.1 \
    /usr/lib/libOpenCL.so* /usr/lib64/libOpenCL.so* /usr/lib/*/libOpenCL.so* /lib/libOpenCL.so* \
    /vendor/lib*/libOpenCL.so /system/vendor/lib*/libOpenCL.so /system/lib*/libOpenCL.so; do
    [ -e "$f" ] && echo "library=$f"
done
for t in sha256sum 'toybox sha256sum' 'busybox sha256sum' 'openssl dgst -sha256 -r' 'shasum -a 256'; do
    case $($t </dev/null) in
    e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855*) echo "sha256=$t"; break ;;
    esac
done
"""

_FOLDER: Final = (
    PLACE
    + r"""
[ -d "$root" ] && echo "folder_exists=1"
for f in "$root"/runners/*/ppocr_runner "$root"/runners/*/libpaddle*.so; do
    [ -f "$f" ] && echo "installed=${f#"$root"/runners/}"
done
d=$root
until [ -e "$d" ]; do d=${d%/*}; d=${d:-/}; done
[ -d "$d" ] && [ -w "$d" ] && echo "folder_writable=1"
{ df -Pk "$d" || df -k "$d" || df "$d"; } | while read -r v; do echo "df=$v"; done
"""
)

_PYTHON: Final = r"""
cd
seen=
for y in "$2" python3 python3.10 python; do
    case $y in "~/"*) y=$HOME/${y#"~/"} ;; esac
    y=$(command -v "$y")
    case $seen in *":$y:"*) y= ;; esac
    seen=$seen:$y:
    [ -n "$y" ] && { echo "python=$y"; "$y" -c "$3" </dev/null; }
    [ -n "$2" ] && break
done
"""

_END: Final = r"""
echo "clock=$(date +%s)"
printf 'folder=%s\n=end\n' "$root"
"""

PYTHON_CODE: Final = """
import sys, platform
print("py_version=" + platform.python_version())
from importlib.util import find_spec
for name in ("numpy", "PIL", "pyclipper", "scipy"):
    if find_spec(name):
        print("py_has=" + name)
sys.stdout.flush()
try:
    from paddlelite import lite
    print("py_has=paddlelite")
    from importlib.metadata import version
    print("py_lite=" + version("paddlelite"))
except Exception as error:
    print("py_error=" + " ".join(str(error).split())[:200])
print("py_end=1")
"""
"""What each Python found there is asked. It may die while it loads the library: then its end is missing."""


def probe_script(*, python: bool) -> str:
    """The script. ``$1`` is the folder as ``PLACE`` takes it, ``$2`` a Python or nothing, ``$3`` the code.

    Args:
        python: Whether to look for Python.
    """
    return compact("".join((_MACHINE, _SYSTEM, _FOLDER, _PYTHON if python else "", _END)))
