#!/usr/bin/env bash
# How does the broker start? `kafka-server-start.sh PROPERTIES ARGUMENT...`, in the foreground.
set -euo pipefail
export KAFKA_HEAP_OPTS=${KAFKA_HEAP_OPTS:--Xmx1G -Xms1G}
export KAFKA_LOG4J_OPTS=${KAFKA_LOG4J_OPTS:--Dlog4j2.configurationFile=/opt/kafka/config/log4j2.yaml}
# A blank turns this off; with a read-only root file system /opt/kafka/logs must be a volume or a tmpfs.
export KAFKA_GC_LOG_OPTS=${KAFKA_GC_LOG_OPTS:--Xlog:gc*:file=${LOG_DIR:-/opt/kafka/logs}/kafkaServer-gc.log:time,tags:filecount=10,filesize=100M}
exec /opt/kafka/bin/kafka-run-class.sh kafka.Kafka "$@"
