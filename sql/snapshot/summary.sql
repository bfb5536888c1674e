-- Rows and first and last time of a Parquet part.
-- {file} is replaced by a path of our own making, {time} by a column name from a fixed list.
SELECT
    count(*)::INTEGER AS rows,
    epoch_us(min({time}))::DOUBLE / 1000 AS min_ms,
    epoch_us(max({time}))::DOUBLE / 1000 AS max_ms
FROM read_parquet('{file}')
