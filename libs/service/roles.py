"""Who may do what in the database? One role for each service, with rights to its own tables and no others'.

`python -m libs.service.migrate` brings this about when GUICHET_ROLE_PASSWORDS names a folder with the roles' passwords,
one file each, as often as it runs. Without it (on one machine, in tests) everything belongs to whoever migrates.
"""

import base64
import hashlib
import hmac
import os
import secrets
from collections.abc import Mapping
from pathlib import Path

import asyncpg

from libs.delivery.connections import Connection
from libs.service.password_files import password_in
from libs.service.settings import SettingsWrong

PASSWORDS_VARIABLE = "GUICHET_ROLE_PASSWORDS"
LOCK_TIMEOUT_SECONDS = 5
SCRAM_ITERATIONS = 4096  # PostgreSQL's own; the passwords are random, so more would only slow each connection

OPERATOR = "operator"
OWNERS = ("intake", "notifier", "audit")  # the router keeps nothing, so it has no role
VAULT = "vault"
# The keys that personal data are sealed with. Audit is not here, nor is anyone who does not need to open anything.
VAULT_RIGHTS: Mapping[str, str] = {"intake": "SELECT, INSERT, UPDATE, DELETE", "notifier": "SELECT", OPERATOR: "SELECT"}
ROLES = (*OWNERS, OPERATOR)

Passwords = Mapping[str, str]
"""By the names in ROLES."""

NOT_ALLOWED = (asyncpg.InsufficientPrivilegeError,)

EXISTS = "SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1)"
# Whoever migrates must be able to alter what belongs to a service, and to give it away.
CREATE = "CREATE ROLE {role} LOGIN; GRANT {role} TO CURRENT_USER WITH INHERIT TRUE, SET TRUE"
PASSWORD = "ALTER ROLE {role} PASSWORD '{verifier}'"  # noqa: S105  a statement
ONLY_OURS = "REVOKE ALL ON DATABASE {database} FROM PUBLIC"
CONNECT = "GRANT CONNECT ON DATABASE {database} TO {role}"

# A service makes and drops partitions while it runs (libs/delivery/partitions.py), which only a table's owner may do.
NOT_YET_OWNED = """
SELECT format('%I.%I', n.nspname, c.relname) AS name
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = $1 AND c.relkind IN ('r', 'p', 'v', 'm') AND pg_get_userbyid(c.relowner) <> $2
"""
OWN = "ALTER TABLE {table} OWNER TO {role}"
OWN_SCHEMA = """
GRANT USAGE, CREATE ON SCHEMA {schema} TO {role};
GRANT USAGE ON SCHEMA {schema} TO {operator};
GRANT SELECT ON ALL TABLES IN SCHEMA {schema} TO {operator};
GRANT SELECT ON ALL SEQUENCES IN SCHEMA {schema} TO {operator};
ALTER DEFAULT PRIVILEGES FOR ROLE {role} IN SCHEMA {schema} GRANT SELECT ON TABLES TO {operator};
ALTER DEFAULT PRIVILEGES FOR ROLE {role} IN SCHEMA {schema} GRANT SELECT ON SEQUENCES TO {operator};
"""
IN_VAULT = "GRANT USAGE ON SCHEMA {schema} TO {role}; GRANT {rights} ON ALL TABLES IN SCHEMA {schema} TO {role}"
LEDGER = "GRANT SELECT ON public.guichet_migrations TO {role}"


def role_of(name: str) -> str:
    """The role's name in PostgreSQL."""
    return f"guichet_{name}"


def passwords_in_environment() -> Passwords | None:
    """The roles' passwords, or None when no folder is named. Raises `SettingsWrong` for a missing file."""
    folder = os.environ.get(PASSWORDS_VARIABLE)
    if not folder:
        return None
    try:
        return {name: password_in(Path(folder) / f"postgres-{name}.password") for name in ROLES}
    except ValueError as error:
        raise SettingsWrong(f"{PASSWORDS_VARIABLE} is wrong: {error}") from error


async def align(conn: Connection, passwords: Passwords) -> None:
    """Make every role and right as written here, in one transaction."""
    async with conn.transaction():
        await conn.execute(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT_SECONDS}s'")
        database = await conn.fetchval("SELECT quote_ident(current_database())")
        await conn.execute(ONLY_OURS.format(database=database))
        for name in ROLES:
            if not await conn.fetchval(EXISTS, role_of(name)):
                await conn.execute(CREATE.format(role=role_of(name)))
            await conn.execute(PASSWORD.format(role=role_of(name), verifier=scram_verifier(passwords[name])))
            await conn.execute(CONNECT.format(database=database, role=role_of(name)))
        for name in OWNERS:
            await _give_schema(conn, schema=name, role=role_of(name))
        for name, rights in VAULT_RIGHTS.items():
            await conn.execute(IN_VAULT.format(schema=VAULT, role=role_of(name), rights=rights))
        await conn.execute(LEDGER.format(role=role_of(OPERATOR)))


async def _give_schema(conn: Connection, schema: str, role: str) -> None:
    """Rights come first: PostgreSQL lets nobody own a table where they may not make one."""
    await conn.execute(OWN_SCHEMA.format(schema=schema, role=role, operator=role_of(OPERATOR)))
    for row in await conn.fetch(NOT_YET_OWNED, schema, role):
        await conn.execute(OWN.format(table=row["name"], role=role))


def scram_verifier(password: str, salt: bytes | None = None) -> str:
    """What PostgreSQL keeps of a password (RFC 5803), made here so that no statement and no log holds the password."""
    salt = secrets.token_bytes(16) if salt is None else salt
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, SCRAM_ITERATIONS)
    client_key = hmac.digest(salted, b"Client Key", "sha256")
    server_key = hmac.digest(salted, b"Server Key", "sha256")
    stored_key = hashlib.sha256(client_key).digest()
    salt_text, stored_text, server_text = (base64.b64encode(part).decode() for part in (salt, stored_key, server_key))
    return f"SCRAM-SHA-256${SCRAM_ITERATIONS}:{salt_text}${stored_text}:{server_text}"
