-- How each pool type did per repository and hour over the last 7 days.
CREATE OR REPLACE VIEW pool_performance_mv AS
SELECT
    pool_type,
    repo,
    date_trunc('hour', timestamp) AS hour,
    count(*) AS total_tasks,
    count(*) FILTER (success) AS successful_tasks,
    avg(duration_seconds) AS avg_duration,
    avg(actual_cost) AS avg_cost,
    count(*) FILTER (success) / count(*) AS success_rate
FROM executions
WHERE timestamp >= make_timestamp(epoch_us(now())) - INTERVAL 7 DAY
GROUP BY ALL;
