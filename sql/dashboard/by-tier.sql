-- Success, cost and duration per model tier.
-- $from_ms, $to_ms: epoch milliseconds, UTC, from inclusive, to exclusive.
-- p95_seconds is exact, interpolated between neighbours.
SELECT
  CAST(coalesce(model_tier, 'unknown') AS VARCHAR) AS tier,
  CAST(count(*) AS DOUBLE) AS executions,
  CAST(count(*) FILTER (success) AS DOUBLE) AS succeeded,
  CAST(coalesce(sum(CAST(actual_cost AS DOUBLE)), 0) AS DOUBLE) AS cost_usd,
  CAST(quantile_cont(CAST(duration_seconds AS DOUBLE), 0.95) AS DOUBLE) AS p95_seconds
FROM executions
WHERE "timestamp" >= epoch_ms(CAST($from_ms AS BIGINT))
  AND "timestamp" < epoch_ms(CAST($to_ms AS BIGINT))
GROUP BY tier
ORDER BY tier
