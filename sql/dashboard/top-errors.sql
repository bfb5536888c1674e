-- The most frequent kinds of failure, each with its newest message.
-- $from_ms, $to_ms: epoch milliseconds, UTC, from inclusive, to exclusive.
-- $limit: most rows to return; total_types says how many there are, total_failed what they add up to.
SELECT
  CAST(coalesce(error_type, 'unknown') AS VARCHAR) AS error_type,
  CAST(count(*) AS DOUBLE) AS failed,
  CAST(epoch_ms(max("timestamp")) AS DOUBLE) AS last_seen_ms,
  CAST(arg_max(error_message, "timestamp") AS VARCHAR) AS last_message,
  CAST(count(*) OVER () AS DOUBLE) AS total_types,
  CAST(sum(count(*)) OVER () AS DOUBLE) AS total_failed
FROM executions
WHERE "timestamp" >= epoch_ms(CAST($from_ms AS BIGINT))
  AND "timestamp" < epoch_ms(CAST($to_ms AS BIGINT))
  AND NOT success
GROUP BY coalesce(error_type, 'unknown')
ORDER BY failed DESC, error_type
LIMIT CAST($limit AS BIGINT)
