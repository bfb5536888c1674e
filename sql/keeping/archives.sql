-- Every archive file, oldest month first.
SELECT
    file, table_name AS "table", month, rows::DOUBLE AS rows, bytes::DOUBLE AS bytes, sha256,
    epoch_us(min_timestamp)::DOUBLE / 1000 AS min_ms, epoch_us(max_timestamp)::DOUBLE / 1000 AS max_ms,
    epoch_us(archived_at)::DOUBLE / 1000 AS archived_ms
FROM archives
ORDER BY table_name, month, archived_at, file;
