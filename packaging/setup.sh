# Sourced by packaging/run and packaging/test: a virtual environment in .venv, filled and current.
#
#   prepare            the environment with NodeForge in it
#   prepare test       the same with what the tests need
#   prepare_window     the system libraries that Qt needs to open a window
#
# Safe to repeat; when nothing changed it only compares a hash.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
venv="$root/.venv"
export PIP_DISABLE_PIP_VERSION_CHECK=1

say() { printf '%s\n' "nodeforge: $*" >&2; }
fail() { say "$*"; exit 2; }

is_root() { [ "$(id -u)" = 0 ]; }
has() { command -v "$1" >/dev/null 2>&1; }
has_apt() { has apt-get && has dpkg; }

# Install Debian packages if we may; say the command if we may not.
apt_install() {
    if ! has_apt; then return 1; fi
    if ! is_root; then
        say "please run: sudo apt-get install -y $*"
        return 1
    fi
    say "installing system packages: $*"
    if [ -z "${_apt_updated:-}" ]; then
        apt-get update -qq >&2 || say "the package lists could not be refreshed; trying with the old ones"
        _apt_updated=1
    fi
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq -o Dpkg::Use-Pty=0 --no-install-recommends "$@" >&2
}

python_fits() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; }

# The first Python of 3.11 or newer; NODEFORGE_PYTHON names one to use instead.
find_python() {
    local name
    for name in ${NODEFORGE_PYTHON:-python3 python3.11 python3.12 python3.13 python}; do
        if has "$name" && python_fits "$name"; then
            command -v "$name"
            return
        fi
    done
    return 1
}

make_venv() {
    if [ -x "$venv/bin/python" ] && "$venv/bin/python" -m pip --version >/dev/null 2>&1; then return; fi
    local python version
    if ! python=$(find_python); then
        has_apt && is_root && apt_install python3 python3-venv
        python=$(find_python) || fail "NodeForge needs Python 3.11 or newer and found none; install it from python.org or your system's packages, or name one with NODEFORGE_PYTHON=/path/to/python."
    fi
    if ! "$python" -c 'import ensurepip, venv' >/dev/null 2>&1; then
        version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
        apt_install "python$version-venv" || apt_install python3-venv ||
            fail "$python cannot make virtual environments (the modules venv and ensurepip are missing); install the package python$version-venv and run this again."
    fi
    say "making a virtual environment in .venv with $("$python" --version)"
    "$python" -m venv --clear "$venv" || fail "The virtual environment in .venv could not be made; the lines above say why."
}

# What decides whether the environment is current: what is asked for, and where.
fingerprint() {
    { printf '%s\n' "$root"; cat "$root/pyproject.toml" "$root/packaging/constraints.txt"; } |
        "$venv/bin/python" -c 'import hashlib, sys; print(hashlib.sha256(sys.stdin.buffer.read()).hexdigest())'
}

prepare() {
    local extra=${1:-} stamp="$venv/nodeforge.stamp" print
    make_venv
    print=$(fingerprint)
    # An environment with the tests' tools has all that running needs.
    if [ -f "$stamp" ] && grep -qx -e "$print ${extra:-.*}" "$stamp"; then return; fi
    say "installing NodeForge and what it needs (a few GB the first time, mostly PyTorch)"
    "$venv/bin/python" -m pip install --prefer-binary -c "$root/packaging/constraints.txt" \
        -e "$root${extra:+[$extra]}" >&2 ||
        fail "The packages could not be installed; the lines above say why. Nothing is lost: run this again to go on."
    printf '%s %s\n' "$print" "${extra:-base}" >"$stamp"
}

# Which Debian package holds a library that Qt links to.
package_of() {
    case $1 in
    libEGL.so.1) echo libegl1 ;;
    libGL.so.1) echo libgl1 ;;
    libGLX.so.0) echo libglx0 ;;
    libOpenGL.so.0) echo libopengl0 ;;
    libX11.so.6) echo libx11-6 ;;
    libX11-xcb.so.1) echo libx11-xcb1 ;;
    libxcb.so.1) echo libxcb1 ;;
    libxcb-util.so.1) echo libxcb-util1 ;;
    libxcb-*.so.*) local rest=${1#libxcb-}; echo "libxcb-${rest%%.so.*}${rest##*.so.}" ;;
    libxkbcommon.so.0) echo libxkbcommon0 ;;
    libxkbcommon-x11.so.0) echo libxkbcommon-x11-0 ;;
    libdbus-1.so.3) echo libdbus-1-3 ;;
    libfontconfig.so.1) echo libfontconfig1 ;;
    libfreetype.so.6) echo libfreetype6 ;;
    libglib-2.0.so.0 | libgthread-2.0.so.0 | libgobject-2.0.so.0 | libgio-2.0.so.0) echo libglib2.0-0 ;;
    libwayland-*.so.*) local rest=${1#libwayland-}; echo "libwayland-${rest%%.so.*}${rest##*.so.}" ;;
    libz.so.1) echo zlib1g ;;
    *) echo "" ;;
    esac
}

# The libraries of Qt's window parts that the system lacks, one name a line.
missing_libraries() {
    local qt
    has ldd || return 0
    qt=$("$venv/bin/python" -c 'import importlib.util as u; print(u.find_spec("PySide6").submodule_search_locations[0])') || return 0
    # ldd complains about the files that this release of Qt does not have; those are skipped.
    { ldd "$qt"/Qt{Core,Gui,Widgets,Svg,OpenGL,OpenGLWidgets,Network}.abi3.so \
        "$qt"/Qt/plugins/platforms/libq{xcb,offscreen,wayland,wayland-generic}.so \
        "$qt"/Qt/plugins/xcbglintegrations/*.so "$qt"/Qt/plugins/imageformats/libq{jpeg,svg}.so \
        2>/dev/null || true; } |
        awk '/=> not found/ { print $1 }' | sed '/^libQt6/d' | sort -u
}

# Nonzero when something stays missing, after a sentence that says what.
prepare_window() {
    [ "$(uname -s)" = Linux ] || return 0
    local missing packages="" library
    missing=$(missing_libraries)
    [ -n "$missing" ] || return 0
    for library in $missing; do
        packages="$packages $(package_of "$library")"
    done
    # shellcheck disable=SC2086  # a list of words
    packages=$(printf '%s\n' $packages | sort -u | tr '\n' ' ')
    # shellcheck disable=SC2086
    if apt_install $packages && [ -z "$(missing_libraries)" ]; then return 0; fi
    say "Qt needs system libraries that are not here:" $missing
    has_apt || say "install them with your system's package manager (on Debian and Ubuntu: apt-get install $packages)."
    return 1
}
