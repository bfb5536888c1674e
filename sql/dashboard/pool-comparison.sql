-- Pools side by side, busiest first. An imported execution may have no pool name; then its pool type stands in.
-- $from_ms, $to_ms: epoch milliseconds, UTC, from inclusive, to exclusive.
-- $limit: most rows to return; total_pools says how many there are.
-- queue_seconds is NULL where waiting was not recorded.
SELECT
  CAST(coalesce(pool_name, pool_type, 'unknown') AS VARCHAR) AS pool,
  CAST(count(*) AS DOUBLE) AS executions,
  CAST(count(*) FILTER (success) AS DOUBLE) AS succeeded,
  CAST(quantile_cont(CAST(duration_seconds AS DOUBLE), 0.5) AS DOUBLE) AS p50_seconds,
  CAST(quantile_cont(CAST(duration_seconds AS DOUBLE), 0.95) AS DOUBLE) AS p95_seconds,
  CAST(avg(CAST(queue_seconds AS DOUBLE)) AS DOUBLE) AS avg_queue_seconds,
  CAST(coalesce(sum(CAST(actual_cost AS DOUBLE)), 0) AS DOUBLE) AS cost_usd,
  CAST(count(*) OVER () AS DOUBLE) AS total_pools
FROM executions
WHERE "timestamp" >= epoch_ms(CAST($from_ms AS BIGINT))
  AND "timestamp" < epoch_ms(CAST($to_ms AS BIGINT))
GROUP BY pool
ORDER BY executions DESC, pool
LIMIT CAST($limit AS BIGINT)
