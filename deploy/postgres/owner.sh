#!/bin/bash
# Run by the image of PostgreSQL once, in a new data folder: makes the role that owns the database and migrates it.
# It is no superuser; the superuser is used by nobody outside this container.
set -euo pipefail

psql --quiet --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" \
    --set "password=$(cat /run/guichet/postgres-owner.password)" <<'SQL'
CREATE ROLE guichet_owner LOGIN CREATEROLE PASSWORD :'password';
ALTER DATABASE guichet OWNER TO guichet_owner;
SQL
