#!/usr/bin/env bash
# How does a container become a PostgreSQL server? The first start makes the cluster and runs /docker-entrypoint-initdb.d;
# later ones only start. The variables and their meaning are those of the public image.
set -euo pipefail

refuse() {
    echo "postgres: $*" >&2
    exit 1
}

# A secret may come as a file: NAME_FILE instead of NAME, never both.
from_file() { # NAME DEFAULT
    local name=$1 file_name=${1}_FILE
    if [ -n "${!file_name:-}" ]; then
        [ -z "${!name:-}" ] || refuse "both $name and $file_name are set: give one"
        [ -r "${!file_name}" ] || refuse "$file_name: ${!file_name} cannot be read"
        printf -v "$name" '%s' "$(<"${!file_name}")"
    elif [ -z "${!name:-}" ]; then
        printf -v "$name" '%s' "$2"
    fi
    unset "$file_name"
}

# Started as root, everything below is done again as postgres: an engine's new volume belongs to root.
become_postgres() {
    mkdir -p "$PGDATA" /var/run/postgresql
    chmod 0700 "$PGDATA"
    chmod 3775 /var/run/postgresql
    find "$PGDATA" /var/run/postgresql \! -user postgres -exec chown postgres '{}' +
    exec setpriv --reuid=postgres --regid=postgres --init-groups -- "$0" "$@"
}

read_settings() {
    from_file POSTGRES_PASSWORD ''
    from_file POSTGRES_USER postgres
    from_file POSTGRES_DB "$POSTGRES_USER"
    from_file POSTGRES_INITDB_ARGS ''
    : "${POSTGRES_HOST_AUTH_METHOD:=}"
}

check_password() {
    if [ "$POSTGRES_HOST_AUTH_METHOD" = trust ]; then
        echo "postgres: POSTGRES_HOST_AUTH_METHOD=trust lets anyone who reaches this port in, without a password" >&2
    elif [ -z "$POSTGRES_PASSWORD" ]; then
        refuse "POSTGRES_PASSWORD (or POSTGRES_PASSWORD_FILE) is empty; the superuser of a new cluster must have a password"
    fi
}

make_cluster() {
    local options=(--username="$POSTGRES_USER")
    getent passwd "$(id -u)" >/dev/null || refuse "user $(id -u) is not in /etc/passwd; run as root, or as 999"
    if [ -n "${POSTGRES_INITDB_WALDIR:-}" ]; then
        options+=(--waldir="$POSTGRES_INITDB_WALDIR")
    fi
    # The arguments are a list of words, as in the public image; quoted ones stay whole.
    eval "initdb $(printf '%q ' "${options[@]}") --pwfile=<(printf '%s\n' \"\$POSTGRES_PASSWORD\") $POSTGRES_INITDB_ARGS"
    printf '\nhost all all all %s\n' "${POSTGRES_HOST_AUTH_METHOD:-$(postgres -C password_encryption)}" >>"$PGDATA/pg_hba.conf"
}

# On no port but the socket: a client that waits for the server must not meet it half made.
start_for_setup() {
    local arguments
    printf -v arguments '%q ' "$@" -c listen_addresses= -p "${PGPORT:-5432}"
    NOTIFY_SOCKET='' PGUSER=$POSTGRES_USER pg_ctl -D "$PGDATA" -o "$arguments" -w start
}
stop_after_setup() { PGUSER=$POSTGRES_USER pg_ctl -D "$PGDATA" -m fast -w stop; }

run_sql() {
    PGHOST='' PGHOSTADDR='' PGPASSWORD=$POSTGRES_PASSWORD psql --set ON_ERROR_STOP=1 --no-psqlrc --username "$POSTGRES_USER" \
        --no-password --dbname "$POSTGRES_DB" "$@"
}

make_database() {
    if [ "$POSTGRES_DB" != postgres ]; then
        run_sql --dbname postgres --set name="$POSTGRES_DB" <<<'CREATE DATABASE :"name";'
    fi
}

run_setup_files() {
    local file
    for file in /docker-entrypoint-initdb.d/*; do
        echo "postgres: $file"
        case $file in
        *.sh)
            if [ -x "$file" ]; then
                "$file"
            else
                # shellcheck source=/dev/null  # whatever the deployer mounted
                . "$file"
            fi
            ;;
        *.sql) run_sql --file "$file" ;;
        *.sql.gz) gunzip --stdout "$file" | run_sql ;;
        *) echo "postgres: $file is left alone: only .sh, .sql and .sql.gz are run" ;;
        esac
    done
}

set_up() {
    read_settings
    check_password
    export POSTGRES_USER POSTGRES_PASSWORD POSTGRES_DB # for the files' own use
    mkdir -p "$PGDATA"
    chmod 0700 "$PGDATA" 2>/dev/null || true # a mount that belongs to another is initdb's to refuse
    make_cluster
    start_for_setup "$@"
    shopt -s nullglob
    make_database
    run_setup_files
    stop_after_setup
    unset POSTGRES_PASSWORD
    echo "PostgreSQL init process complete; ready for start up."
}

wants_no_server() {
    local argument
    for argument in "$@"; do
        case $argument in -'?' | --help | --describe-config | -V | --version) return 0 ;; esac
    done
    return 1
}

if [ "${1:-}" = "" ] || [ "${1#-}" != "$1" ]; then
    set -- postgres "$@"
fi
if [ "$1" = postgres ] && ! wants_no_server "$@"; then
    if [ "$(id -u)" = 0 ]; then
        become_postgres "$@"
    fi
    if [ -s "$PGDATA/PG_VERSION" ]; then
        echo "postgres: $PGDATA holds a cluster; the settings for a new one are not looked at"
    else
        set_up "${@:2}"
    fi
fi
exec "$@"
