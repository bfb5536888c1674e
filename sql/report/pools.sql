-- Report: per pool, what it ran in a range. $from_ms, $to_ms: epoch ms or NULL; $repo: name or NULL.
SELECT
    pool_name, pool_type, repo,
    count(*) AS executions,
    count(*) FILTER (success) AS succeeded,
    count(*) FILTER (success) / count(*) AS success_rate,
    avg(duration_seconds) AS avg_duration_seconds,
    quantile_cont(duration_seconds, 0.95) AS p95_duration_seconds,
    avg(queue_seconds) AS avg_queue_seconds,
    sum(actual_cost) AS cost_usd
FROM executions
WHERE ($from_ms::DOUBLE IS NULL OR timestamp >= make_timestamp(($from_ms::DOUBLE * 1000)::BIGINT))
  AND ($to_ms::DOUBLE IS NULL OR timestamp < make_timestamp(($to_ms::DOUBLE * 1000)::BIGINT))
  AND ($repo::VARCHAR IS NULL OR repo = $repo)
GROUP BY pool_name, pool_type, repo
ORDER BY pool_name, repo
