"""How do Kafka's users and rights become what they should be? By librdkafka's client: aiokafka's knows neither."""

from collections.abc import Mapping
from concurrent.futures import Future
from typing import Any

from confluent_kafka import KafkaException
from confluent_kafka.admin import (
    AclBinding,
    AclBindingFilter,
    AclOperation,
    AclPermissionType,
    AdminClient,
    ResourcePatternType,
    ResourceType,
    ScramCredentialInfo,
    ScramMechanism,
    UserScramCredentialUpsertion,
)

from libs.delivery.errors import KafkaAway
from libs.delivery.kafka import KafkaSettings
from libs.operate.containers.kafka_grants import Grant

ANSWER_SECONDS_MAX = 30.0
SCRAM_ITERATIONS = 4096  # the least that Kafka allows; the passwords are random, so more would only slow connecting
ANY_HOST = "*"


def align(settings: KafkaSettings, passwords: Mapping[str, str], grants: list[Grant]) -> list[str]:
    """Give each user its password, and all users together exactly these rights; returns what was changed.

    As often as you like. Rights of users that are not ours are left alone. Raises `Unavailable`.
    """
    admin = _admin(settings)
    wanted = {_binding(grant) for grant in grants}
    try:
        _wait(admin.alter_user_scram_credentials([_credential(user, text) for user, text in passwords.items()]))
        present = {one for one in _present(admin) if one.principal in {_principal(user) for user in passwords}}
        _wait(admin.create_acls(sorted(wanted - present, key=str)) if wanted - present else {})
        _wait(admin.delete_acls([_filter(one) for one in present - wanted]) if present - wanted else {})
    except KafkaException as error:
        raise KafkaAway(f"Kafka at {settings.bootstrap_servers} did not take the rights: {error}") from error
    return [f"allowed {_said(one)}" for one in sorted(wanted - present, key=str)] + [
        f"no longer allowed {_said(one)}" for one in sorted(present - wanted, key=str)
    ]


def _admin(settings: KafkaSettings) -> AdminClient:
    return AdminClient(
        {
            "bootstrap.servers": settings.bootstrap_servers,
            "client.id": settings.client_id,
            "security.protocol": settings.security_protocol,
            "sasl.mechanism": settings.sasl_mechanism,
            "sasl.username": settings.username,
            "sasl.password": settings.password,
            **({"ssl.ca.location": settings.ca_file} if settings.ca_file else {}),
        }
    )


def _wait(futures: Mapping[Any, Future[Any]]) -> None:
    for future in futures.values():
        future.result(ANSWER_SECONDS_MAX)


def _present(admin: AdminClient) -> set[AclBinding]:
    everything = AclBindingFilter(
        ResourceType.ANY, None, ResourcePatternType.ANY, None, None, AclOperation.ANY, AclPermissionType.ANY
    )
    return set(admin.describe_acls(everything).result(ANSWER_SECONDS_MAX))


def _principal(user: str) -> str:
    return f"User:{user}"


def _binding(grant: Grant) -> AclBinding:
    return AclBinding(
        ResourceType[grant.kind],
        grant.name,
        ResourcePatternType.LITERAL,
        _principal(grant.user),
        ANY_HOST,
        AclOperation[grant.operation],
        AclPermissionType.ALLOW,
    )


def _filter(one: AclBinding) -> AclBindingFilter:
    return AclBindingFilter(
        one.restype,
        one.name,
        one.resource_pattern_type,
        one.principal,
        one.host,
        one.operation,
        one.permission_type,
    )


def _credential(user: str, password: str) -> UserScramCredentialUpsertion:
    info = ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, SCRAM_ITERATIONS)
    return UserScramCredentialUpsertion(user, info, password.encode())


def _said(one: AclBinding) -> str:
    return f"{one.principal.removeprefix('User:')} {one.operation.name} {one.restype.name} {one.name}".lower()
