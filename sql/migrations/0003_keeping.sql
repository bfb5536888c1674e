-- Rows that retention moved out of the database, one row per file in archive/. A month may have several files.
-- A row here and the deletion of the rows in its file are one transaction.
CREATE TABLE archives (
    file VARCHAR PRIMARY KEY,
    table_name VARCHAR NOT NULL,
    month VARCHAR NOT NULL,
    rows BIGINT NOT NULL,
    bytes BIGINT NOT NULL,
    sha256 VARCHAR NOT NULL,
    min_timestamp TIMESTAMP NOT NULL,
    max_timestamp TIMESTAMP NOT NULL,
    archived_at TIMESTAMP NOT NULL
);
