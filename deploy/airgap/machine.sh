# shellcheck shell=bash
# How does this machine get packages? Sourced by the scripts beside it; everything is read from the machine, nothing is kept.

say() { printf '%s\n' "$*" >&2; }
fail() {
    say "${0##*/}: $*"
    exit 1
}

need_root() { [ "$(id -u)" = 0 ] || fail "needs root: an engine and a Debian file system are made with it"; }

# Debian packages of this machine's own release. Lists that were never fetched are the common reason why one is not found.
install_debian() {
    need_root
    command -v apt-get >/dev/null || fail "cannot install $*: this machine has no apt-get; install an engine yourself"
    say "installing Debian packages: $*"
    update_lists
    # A service manager that starts what is installed is welcome to: then that engine is used.
    DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 install -y -qq --no-install-recommends "$@" >/dev/null
}

# Another apt may hold the lists; it does not wait for them as it does for packages.
update_lists() {
    local try
    for try in 1 2 3 4 5 6; do
        if apt-get update -qq; then
            return
        fi
        say "apt-get update failed (try $try of 6)"
        sleep 5
    done
    fail "this machine's lists of packages cannot be fetched"
}

# Where this machine fetches Debian from: `archive` or `security`. apt's own answer covers both formats of source files.
debian_uri() {
    local wanted=$1
    apt-get indextargets --format "\$(LABEL) \$(REPO_URI)" "Created-By: Packages" | awk -v wanted="$wanted" '
        $1 == (wanted == "archive" ? "Debian" : "Debian-Security") && !found++ { print $NF }'
}

# apt knows its sources' labels only once it has their lists, and somebody may have removed those.
need_sources() {
    [ -z "$(debian_uri archive)" ] || return 0
    update_lists
    [ -n "$(debian_uri archive)" ] || fail "apt on this machine names no Debian archive; only on Debian can the images be made"
}

# apt sources for any Debian release, from the same places and under the same signatures as this machine's own.
debian_sources() {
    local suite=$1 archive security signed="[signed-by=/usr/share/keyrings/debian-archive-keyring.gpg]"
    need_sources
    archive=$(debian_uri archive)
    printf 'deb %s %s %s main\n' "$signed" "$archive" "$suite"
    security=$(debian_uri security)
    if [ -n "$security" ]; then
        printf 'deb %s %s %s-security main\n' "$signed" "$security" "$suite"
    fi
}

# This machine's own settings for fetching: proxies, certificates, how old an index may be.
apt_settings() { apt-config dump --no-empty --format '%F "%v";%n' | grep '^Acquire::' || true; }

# pip's settings as one file; what names a file or a folder of this machine would mean nothing inside an image.
pip_settings() {
    local certificates=$1
    printf '[global]\ncert = %s\ndisable-pip-version-check = true\n' "$certificates"
    python3 -m pip config list 2>/dev/null | sed -n -E \
        "s/^(global|install|:env:)\.(index-url|extra-index-url|trusted-host|timeout|default-timeout|retries|proxy)='(.*)'$/\2 = \3/p" |
        sed 's/^default-timeout/timeout/' | sort -u -t= -k1,1
}

# The certificates this machine trusts; behind an inspecting proxy they are more than Debian's own.
ca_bundle() {
    local file
    for file in "${SSL_CERT_FILE:-}" /etc/ssl/certs/ca-certificates.crt; do
        if [ -s "$file" ]; then
            printf '%s\n' "$file"
            return
        fi
    done
    fail "no bundle of certificates: apt-get install ca-certificates, or name one in SSL_CERT_FILE"
}
