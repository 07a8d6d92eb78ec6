-- Which leaves are about a record that came under the id of an event and says something else; so that they are found without
-- reading the log. `event_id` is the id that the record came under; what is known of it stands in the leaf.
CREATE TABLE audit.other_contents (
    leaf_index bigint PRIMARY KEY,
    event_id uuid NOT NULL,
    heard_at timestamptz NOT NULL DEFAULT now()
);
