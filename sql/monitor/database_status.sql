-- The counts behind database_status. Attempts that were cancelled are no sign of bad health and do not lower the rate.
WITH recent AS (
    SELECT success, duration_seconds, quality_score, timestamp, error_type,
           make_timestamp(epoch_us(now())) - timestamp AS age
    FROM executions
)
SELECT
    count(*)::INTEGER AS total,
    count(*) FILTER (age < INTERVAL 1 HOUR)::INTEGER AS recent_1h,
    count(*) FILTER (age < INTERVAL 1 DAY)::INTEGER AS daily,
    count(*) FILTER (age < INTERVAL 7 DAY)::INTEGER AS weekly,
    count(*) FILTER (age < INTERVAL 1 DAY AND error_type IS DISTINCT FROM 'cancelled')::INTEGER AS daily_judged,
    (count(*) FILTER (success AND age < INTERVAL 1 DAY)
        / nullif(count(*) FILTER (age < INTERVAL 1 DAY AND error_type IS DISTINCT FROM 'cancelled'), 0))::DOUBLE AS daily_success_rate,
    (avg(duration_seconds) FILTER (age < INTERVAL 1 DAY))::DOUBLE AS avg_duration_seconds,
    (avg(quality_score) FILTER (age < INTERVAL 1 DAY))::DOUBLE AS avg_quality_score,
    (SELECT value FROM metadata WHERE key = 'schema_version')::INTEGER AS schema_version
FROM recent;
