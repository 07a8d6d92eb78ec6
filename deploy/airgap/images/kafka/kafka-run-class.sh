#!/usr/bin/env bash
# Which Java runs a class of Kafka, with which settings? `kafka-run-class.sh CLASS ARGUMENT...`; the broker and all tools pass here.
set -euo pipefail
home=/opt/kafka
logging=${KAFKA_LOG4J_OPTS:--Dlog4j2.configurationFile=$home/config/tools-log4j2.yaml}
# Options are lists of words, as in all Kafka images: they are split at blanks on purpose.
# shellcheck disable=SC2086
exec "$JAVA_HOME/bin/java" ${KAFKA_HEAP_OPTS:--Xmx256M} ${KAFKA_JVM_PERFORMANCE_OPTS:--server -XX:+UseG1GC} \
    -XX:+ExitOnOutOfMemoryError -Djava.awt.headless=true --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow \
    ${KAFKA_GC_LOG_OPTS:-} ${KAFKA_JMX_OPTS:-} "-Dkafka.logs.dir=${LOG_DIR:-$home/logs}" $logging \
    -cp "$home/libs/*" ${KAFKA_OPTS:-} "$@"
