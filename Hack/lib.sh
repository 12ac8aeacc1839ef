# shellcheck shell=bash
# What the scripts of this folder share: words on stderr with the seconds since the start, checks of the machine,
# packages from apt when they are missing, and the one set of flags every release build uses.
#
#     # shellcheck source=Hack/lib.sh
#     source "$(dirname "$(realpath "${BASH_SOURCE[0]}")")/lib.sh"

ROOT=$(dirname "$(dirname "$(realpath "${BASH_SOURCE[0]}")")")
cd "$ROOT" || exit 1

# The runtime's crash reporter needs a terminal's patience; logs want the message alone.
export SWIFT_BACKTRACE=${SWIFT_BACKTRACE:-enable=no}

# The version of the project: read from the one place that holds it.
apus_version() {
    local version
    version=$(sed -n 's/.*let apusVersion *= *"\([^"]*\)".*/\1/p' Sources/KubernetesModel/ApusVersion.swift 2>/dev/null)
    [ -n "$version" ] || die "no apusVersion in Sources/KubernetesModel/ApusVersion.swift: restore that file"
    printf '%s\n' "$version"
}

# --- words -----------------------------------------------------------------------------------------------------------

# say TEXT…: a line on stderr, with the seconds since the script started.
say() { printf '[%4ds] %s\n' "$SECONDS" "$*" >&2; }

# die TEXT…: the last line, and exit 1.
die() {
    printf 'error: %s\n' "$*" >&2
    exit 1
}

# usage_of SCRIPT: the comment at the head of a script is its help text.
usage_of() { sed -n '2,/^[^#]/{/^#/{s/^# \{0,1\}//;p}}' "$1"; }

# step TEXT -- COMMAND…: runs the command and says how long it took. Its standard output stays as it is.
step() {
    local text=$1 began=$SECONDS
    shift 2
    say "$text ..."
    if "$@"; then
        say "$text: done in $((SECONDS - began)) s"
    else
        local code=$?
        say "$text: failed after $((SECONDS - began)) s"
        return "$code"
    fi
}

# --- the machine -----------------------------------------------------------------------------------------------------

# Fails, with what to do, unless the script runs as root on Debian 12.
need_root_on_debian_12() {
    local name=unknown id='' version=''
    if [ -r /etc/os-release ]; then
        id=$(sed -n 's/^ID=//p' /etc/os-release | tr -d '"')
        version=$(sed -n 's/^VERSION_ID=//p' /etc/os-release | tr -d '"')
        name=$(sed -n 's/^PRETTY_NAME=//p' /etc/os-release | tr -d '"')
    fi
    if [ "$id" != debian ] || [ "$version" != 12 ]; then
        die "this needs Debian 12, and this machine is $name: run it in a Debian 12 virtual machine"
    fi
    if [ "$(id -u)" != 0 ]; then
        die "this installs packages and makes network namespaces, so it needs root: run 'sudo $0 $*'"
    fi
}

# Fails, with what to do, unless a Swift toolchain of at least 6.1 is in PATH.
need_swift() {
    command -v swift >/dev/null ||
        die "no 'swift' in PATH: install Swift 6.1 or newer for Debian 12 (https://www.swift.org/install/linux)," \
            "then add its usr/bin folder to PATH"
    local version
    version=$(swift --version 2>/dev/null | sed -n 's/.*Swift version \([0-9]*\.[0-9]*\).*/\1/p' | head -n 1)
    [ -n "$version" ] || die "'swift --version' does not name a version: is the toolchain complete?"
    if [ "$(printf '%s\n6.1\n' "$version" | sort -V | head -n 1)" != 6.1 ]; then
        die "Swift $version is too old: this package needs 6.1 or newer (https://www.swift.org/install/linux)"
    fi
}

# Fails, with what to do, unless about $1 GB are free where the checkout is.
need_disk() {
    local free
    free=$(df --output=avail -BG . | tail -n 1 | tr -dc 0-9)
    [ "$free" -ge "$1" ] || die "$free GB free in $ROOT: builds need about $1 GB"
}

# apt_install PACKAGE…: installs those that are missing, and nothing when none is.
apt_install() {
    local package missing=()
    for package in "$@"; do
        dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q '^install ok installed$' || missing+=("$package")
    done
    [ ${#missing[@]} -gt 0 ] || return 0
    say "apt: installing ${missing[*]}"
    local log=.build/logs/apt.log
    mkdir -p .build/logs
    export DEBIAN_FRONTEND=noninteractive
    # Package lists may be absent or old: refresh them only when the first attempt fails.
    if ! apt-get -o DPkg::Lock::Timeout=600 install -y --no-install-recommends "${missing[@]}" >"$log" 2>&1; then
        apt-get update >>"$log" 2>&1 || true
        if ! apt-get -o DPkg::Lock::Timeout=600 install -y --no-install-recommends "${missing[@]}" >>"$log" 2>&1; then
            tail -n 15 "$log" >&2
            die "apt-get could not install ${missing[*]}: see $ROOT/$log"
        fi
    fi
}

# What every build needs beside the toolchain: headers of libyaml and zlib, Python for the scripts.
# shellcheck disable=SC2034
BUILD_PACKAGES=(libyaml-dev zlib1g-dev pkg-config python3 ca-certificates)
# What tests call: callers, certificates, network namespaces and the rules in them. Some skip what they cannot do.
# shellcheck disable=SC2034
TEST_PACKAGES=(curl openssl iproute2 iptables nftables procps util-linux)
# kubectl, unless the machine has one already.
kubectl_package() { command -v kubectl >/dev/null || apt_install kubernetes-client; }

# python_environment PACKAGE VERSION: installs a package of PyPI into a virtual environment of its own in ~/.cache/apus,
# once, and prints the path of its Python.
python_environment() {
    local folder=${XDG_CACHE_HOME:-$HOME/.cache}/apus/venv-$1-$2 log=.build/logs/pip-$1.log
    if [ ! -e "$folder/complete" ]; then
        python3 -c 'import ensurepip, venv' 2>/dev/null || apt_install python3-venv
        mkdir -p .build/logs
        say "pip: installing $1 $2 in $folder"
        rm -rf "$folder"
        if ! { python3 -m venv "$folder" &&
            "$folder/bin/pip" install --disable-pip-version-check "$1==$2"; } >"$log" 2>&1; then
            tail -n 5 "$log" >&2
            die "pip could not install $1 $2 (see $ROOT/$log): if PyPI cannot be reached from here, name a mirror in" \
                "PIP_INDEX_URL or a proxy in https_proxy, and try again"
        fi
        touch "$folder/complete"
    fi
    printf '%s\n' "$folder/bin/python"
}

# use_our_cluster "export KUBECONFIG=…": takes what 'Hack/cluster up' printed. The cluster is on this machine, so no proxy
# stands between.
use_our_cluster() {
    eval "$1"
    local host
    host=$(kubectl config view --minify -o 'jsonpath={.clusters[0].cluster.server}' | sed 's,^https://\([^:/]*\).*,\1,')
    export no_proxy=${no_proxy:-${NO_PROXY:-}},$host
    export NO_PROXY=$no_proxy
}

# --- tests -----------------------------------------------------------------------------------------------------------

# swift_tests NAME ARGUMENT…: 'swift test', which must run at least one test: a filter that matches none passes nothing.
# Shows what fails and what is skipped, and how many there were; every word is in .build/logs/tests-NAME.log. With
# APUS_TESTS_LIMIT they are ended after so many seconds: what hangs is then told.
swift_tests() {
    local name=$1 log=.build/logs/tests-$1.log code=0 watch=''
    shift
    mkdir -p .build/logs
    : >"$log"
    NO_COLOR=1 swift test "$@" >"$log" 2>&1 &
    local pid=$!
    if [ -n "${APUS_TESTS_LIMIT:-}" ]; then
        (
            sleep "$APUS_TESTS_LIMIT"
            # Whoever started this may be gone, and the process number be another's.
            kill -0 "$$" 2>/dev/null || exit 0
            echo "error: the tests did not end within $APUS_TESTS_LIMIT s" >>"$log"
            # shellcheck disable=SC2046
            kill -KILL $(descendants_of "$pid") "$pid"
        ) >/dev/null 2>&1 &
        watch=$!
    fi
    tail --pid="$pid" -n +1 -F "$log" 2>/dev/null | told_by_tests "$name" || true
    wait "$pid" || code=$?
    if [ -n "$watch" ]; then
        # shellcheck disable=SC2046
        kill $(descendants_of "$watch") "$watch" 2>/dev/null || true
    fi
    if [ "$code" != 0 ]; then
        echo "exit $code, the whole log: $log"
    elif ! grep -qE 'Test run with [1-9][0-9]* tests?' "$log"; then
        echo "error: 'swift test $*' ran no test"
        code=1
    fi
    return "$code"
}

# descendants_of PROCESS: the youngest first.
descendants_of() {
    local child
    for child in $(pgrep -P "$1"); do
        descendants_of "$child"
        echo "$child"
    done
}

# What a reader of a run wants to see of what tests say. Names of tests that go well may hold any word.
told_by_tests() {
    local line failed=no
    while IFS= read -r line; do
        case $line in
        '✔ Test run with '* | '✘ Test run with '*)
            failed=no
            printf '%s (%s)\n' "${line%.}" "$1"
            ;;
        '✘ '*)
            failed=yes
            printf '%s\n' "$line"
            ;;
        '➜ '*' skipped'*) printf '%s\n' "$line" ;;
        '↳ '*) [ "$failed" = no ] || printf '%s\n' "$line" ;;
        '◇ '* | '✔ '* | '➜ '*) failed=no ;;
        *'error: '* | *[Ff]'atal error'* | *'unexpected signal'*) printf '%s\n' "$line" ;;
        esac
    done
}

# --- release builds --------------------------------------------------------------------------------------------------

RELEASE_SCRATCH=.build/release-static

# swift_release ARGUMENT…: 'swift build' with the flags of every release binary (images, benchmarks), so that they share
# one build folder: the Swift runtime and libyaml are linked into the program, the C library is not.
swift_release() {
    local folder=$ROOT/.build/static-libraries archive
    archive=$(pkg-config --variable=libdir yaml-0.1)/libyaml.a
    [ -e "$archive" ] || die "no $archive: apt-get install libyaml-dev"
    # A folder with the archive alone, and a description that names it: the linker finds no shared library there.
    mkdir -p "$folder"
    ln -sfn "$archive" "$folder/libyaml.a"
    printf '%s\n' "Name: yaml" "Description: libyaml, linked statically" \
        "Version: $(pkg-config --modversion yaml-0.1)" "Libs: -L$folder -lyaml" >"$folder/yaml-0.1.pc"
    # Programs export nothing: their symbols would take 3 MB, and keep code that nobody calls.
    printf '{ local: *; };\n' >"$folder/exports.map"
    PKG_CONFIG_PATH=$folder swift build -c release --static-swift-stdlib --scratch-path "$RELEASE_SCRATCH" \
        -Xlinker "--version-script=$folder/exports.map" "$@"
}

# The folder in which swift_release leaves the programs.
release_folder() { printf '%s\n' "$ROOT/$RELEASE_SCRATCH/release"; }
