"""Whose are the tables after a restore? Those of the system that it is restored into, with the rights given there.

Data belong to the backup, owners and rights to the place: a backup of one machine's own superuser is restored into a
database where each service has a role. What the target has is remembered before its empty schemas are dropped.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from libs.delivery.connections import Connection

OWNERS = "SELECT nspname AS name, pg_get_userbyid(nspowner) AS owner FROM pg_namespace WHERE nspname = ANY($1::text[])"
# Each as the statement that gives it again. A table of a later migration is not there after the restore of an older
# backup; the migration makes it again, and whoever gives rights then gives them again.
GRANTS = """
    WITH given AS (
        SELECT n.nspname AS schema, NULL AS name, n.nspowner AS owner, a.*
        FROM pg_namespace n, aclexplode(n.nspacl) a
        UNION ALL
        SELECT n.nspname, c.relname, c.relowner, a.*
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace, aclexplode(c.relacl) a
    ), named AS (
        SELECT schema, name, privilege_type,
               CASE WHEN grantee = 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(grantee)) END AS grantee,
               CASE WHEN is_grantable THEN ' WITH GRANT OPTION' ELSE '' END AS option
        FROM given WHERE schema = ANY($1::text[]) AND grantee <> owner
    )
    SELECT CASE WHEN name IS NULL
        THEN format('GRANT %s ON SCHEMA %I TO %s%s', privilege_type, schema, grantee, option)
        ELSE format('DO $_$ BEGIN IF to_regclass(%L) IS NOT NULL THEN GRANT %s ON %I.%I TO %s%s; END IF; END $_$',
                    format('%I.%I', schema, name), privilege_type, schema, name, grantee, option)
        END AS statement
    FROM named
    UNION ALL
    SELECT format('ALTER DEFAULT PRIVILEGES FOR ROLE %I IN SCHEMA %I GRANT %s ON %s TO %s%s',
                  pg_get_userbyid(d.defaclrole), n.nspname, a.privilege_type,
                  CASE d.defaclobjtype WHEN 'r' THEN 'TABLES' WHEN 'S' THEN 'SEQUENCES' WHEN 'f' THEN 'FUNCTIONS'
                                       ELSE 'TYPES' END,
                  CASE WHEN a.grantee = 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END,
                  CASE WHEN a.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END)
    FROM pg_default_acl d JOIN pg_namespace n ON n.oid = d.defaclnamespace, aclexplode(d.defaclacl) a
    WHERE n.nspname = ANY($1::text[])
"""


@dataclass(frozen=True, slots=True)
class Rights:
    """Owner of each schema, by its name, and statements that give others theirs."""

    owners: dict[str, str]
    grants: tuple[str, ...]

    def begin(self, schema: str) -> str:
        """An empty schema of its owner, and from here on everything is made as that owner."""
        if schema not in self.owners:
            return f"CREATE SCHEMA {schema};\n"
        owner = _identifier(self.owners[schema])
        return f"CREATE SCHEMA {schema} AUTHORIZATION {owner};\nSET ROLE {owner};\n"

    def end(self) -> str:
        return "".join(f"{statement};\n" for statement in self.grants)


async def rights_in(conn: Connection, schemas: Sequence[str]) -> Rights:
    owners = {row["name"]: row["owner"] for row in await conn.fetch(OWNERS, list(schemas))}
    return Rights(owners, tuple(row["statement"] for row in await conn.fetch(GRANTS, list(schemas))))


def _identifier(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
