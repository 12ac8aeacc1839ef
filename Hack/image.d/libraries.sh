# shellcheck shell=bash
# What the scripts that fill an image's root file system share: programs with the shared libraries they ask for, and the
# licences of what is taken from Debian.

# Debian packages that something was taken from.
licences=()

# libraries_of FOLDER PROGRAM…: copies shared libraries under the names the loader looks for. "linux-vdso" has no file.
libraries_of() {
    local folder=$1 program library owner
    shift
    for program in "$@"; do
        if ldd "$program" | grep 'not found' >&2; then
            echo "error: $program asks for libraries this machine does not have" >&2
            exit 1
        fi
        while IFS= read -r library; do
            [ ! -e "$folder$library" ] || continue
            mkdir -p "$folder$(dirname "$library")"
            cp -L "$library" "$folder$library"
            chmod 755 "$folder$library"
            # Packages list the paths from before or after /lib became a link to /usr/lib.
            owner=$(dpkg-query -S "$library" "/usr$library" "$(realpath "$library")" 2>/dev/null | head -n 1 || true)
            [ -z "$owner" ] || licences+=("${owner%%:*}")
        done < <(ldd "$program" | grep -o '/[^ ]*' | sort -u)
    done
}

# licences_in FOLDER: the copyright files of the packages named so far.
licences_in() {
    local package
    for package in $(printf '%s\n' "${licences[@]}" | sort -u); do
        mkdir -p "$1/usr/share/doc/$package"
        cp -L "/usr/share/doc/$package/copyright" "$1/usr/share/doc/$package/copyright"
    done
}
