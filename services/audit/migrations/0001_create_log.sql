-- The log: one row for each event ever heard, numbered without gaps. Rows are only ever added.
CREATE TABLE audit.leaves (
    leaf_index bigint PRIMARY KEY CHECK (leaf_index >= 0),
    event_id uuid NOT NULL UNIQUE,  -- an event heard twice is one leaf
    request_id uuid,                -- NULL for what is about no request, such as a release of the directory
    leaf_hash bytea NOT NULL CHECK (octet_length(leaf_hash) = 32),
    entry bytea NOT NULL            -- the canonical bytes that are hashed; all else in the row follows from them
);
CREATE INDEX leaves_of_request ON audit.leaves (request_id, leaf_index) WHERE request_id IS NOT NULL;

-- What opens a leaf's commitment. Apart from the log, because an erasure deletes rows here and none there;
-- so there is no foreign key either.
CREATE TABLE audit.salts (
    leaf_index bigint PRIMARY KEY,
    salt bytea NOT NULL CHECK (octet_length(salt) = 32)
);

-- Roots of complete subtrees of 256, 65,536, ... leaves (height 8, 16, ...), so that a proof reads a few hundred hashes.
CREATE TABLE audit.tile_roots (
    height smallint NOT NULL CHECK (height > 0 AND height % 8 = 0),
    number bigint NOT NULL CHECK (number >= 0),
    hash bytea NOT NULL CHECK (octet_length(hash) = 32),
    PRIMARY KEY (height, number)
);

-- The head. Its one row is locked by whoever appends, so that two processes take turns and cannot fork the log.
CREATE TABLE audit.tree (
    id smallint PRIMARY KEY DEFAULT 1 CHECK (id = 1),
    size bigint NOT NULL,
    root bytea NOT NULL,
    frontier bytea NOT NULL         -- the subtree roots that the next append continues from, largest first
);
INSERT INTO audit.tree (size, root, frontier) VALUES (0, sha256(''), '');

-- Every checkpoint ever signed. One that does not fit the rows shows where they were changed.
CREATE TABLE audit.checkpoints (
    size bigint PRIMARY KEY CHECK (size > 0),
    note text NOT NULL,
    signed_at timestamptz NOT NULL
);

-- How far each partition is recorded, kept in the same transaction as the leaves. Evidence, not a cursor: the group's
-- offsets say where to read on, and a record heard again changes nothing.
CREATE TABLE audit.offsets (
    topic text NOT NULL,
    partition integer NOT NULL,
    next_offset bigint NOT NULL,
    PRIMARY KEY (topic, partition)
);
