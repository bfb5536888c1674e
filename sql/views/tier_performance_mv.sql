-- How each tier did per repository, task type and day over the last 30 days.
CREATE OR REPLACE VIEW tier_performance_mv AS
SELECT
    repo,
    model_tier,
    task_type,
    CAST(timestamp AS DATE) AS date,
    count(*) AS total_executions,
    count(*) FILTER (success) AS successful_count,
    avg(duration_seconds) AS avg_duration,
    avg(actual_cost) AS avg_cost,
    avg(quality_score) AS avg_quality,
    quantile_cont(duration_seconds, 0.95) AS p95_duration
FROM executions
WHERE timestamp >= make_timestamp(epoch_us(now())) - INTERVAL 30 DAY
GROUP BY ALL;
