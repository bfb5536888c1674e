-- Executions per bucket of time, succeeded and failed apart. Buckets without executions are not returned.
-- $from_ms, $to_ms: epoch milliseconds, UTC, from inclusive, to exclusive.
-- $bucket_ms: width of a bucket; buckets begin at whole multiples of it since 1970 UTC.
SELECT
  CAST(epoch_ms("timestamp") // CAST($bucket_ms AS BIGINT) * CAST($bucket_ms AS BIGINT) AS DOUBLE) AS bucket_start_ms,
  CAST(count(*) FILTER (success) AS DOUBLE) AS succeeded,
  CAST(count(*) FILTER (NOT success) AS DOUBLE) AS failed
FROM executions
WHERE "timestamp" >= epoch_ms(CAST($from_ms AS BIGINT))
  AND "timestamp" < epoch_ms(CAST($to_ms AS BIGINT))
GROUP BY bucket_start_ms
ORDER BY bucket_start_ms
