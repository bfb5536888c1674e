-- Solutions seen at least five times in a repository over the last 90 days.
CREATE OR REPLACE VIEW solution_patterns_mv AS
SELECT
    solution_summary,
    repo,
    list_sort(list(DISTINCT task_type)) AS task_types,
    count(*) AS usage_count,
    count(*) FILTER (success) AS success_count,
    avg(quality_score) AS avg_quality,
    min(timestamp) AS first_seen,
    max(timestamp) AS last_seen,
    count(*) FILTER (success) / count(*) AS success_rate
FROM executions
WHERE solution_summary IS NOT NULL
  AND timestamp >= make_timestamp(epoch_us(now())) - INTERVAL 90 DAY
GROUP BY solution_summary, repo
HAVING count(*) >= 5;
