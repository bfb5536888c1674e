-- The four headline numbers of a time range, one row.
-- $from_ms, $to_ms: epoch milliseconds, UTC, from inclusive, to exclusive.
-- quality is NULL when no execution in the range was graded; cost is 0 when there was none.
SELECT
  CAST(count(*) AS DOUBLE) AS executions,
  CAST(count(*) FILTER (success) AS DOUBLE) AS succeeded,
  CAST(coalesce(sum(CAST(actual_cost AS DOUBLE)), 0) AS DOUBLE) AS cost_usd,
  CAST(avg(CAST(quality_score AS DOUBLE)) AS DOUBLE) AS quality,
  CAST(count(quality_score) AS DOUBLE) AS graded
FROM executions
WHERE "timestamp" >= epoch_ms(CAST($from_ms AS BIGINT))
  AND "timestamp" < epoch_ms(CAST($to_ms AS BIGINT))
