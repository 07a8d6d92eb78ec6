-- How far this service's group has read each partition, and (as topic "outbox") the greatest `seq` it has announced under.
-- Evidence, not a cursor: Kafka is told what stands here, so that a database that was set back is older than Kafka says.
CREATE TABLE {schema}.positions (
    topic       text NOT NULL,
    partition   integer NOT NULL,
    next_offset bigint NOT NULL,
    PRIMARY KEY (topic, partition)
);
