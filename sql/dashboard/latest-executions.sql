-- The newest executions. A retried task's earlier attempts carry an id of their own: task_id is the task's.
-- $from_ms, $to_ms: epoch milliseconds, UTC, from inclusive, to exclusive.
-- $limit: most rows to return.
SELECT
  CAST(task_id AS VARCHAR) AS execution_id,
  CAST(coalesce(parent_task_id, task_id) AS VARCHAR) AS task_id,
  CAST(epoch_ms("timestamp") AS DOUBLE) AS at_ms,
  CAST(task_type AS VARCHAR) AS task_type,
  CAST(task_description AS VARCHAR) AS description,
  CAST(repo AS VARCHAR) AS repo,
  CAST(model_tier AS VARCHAR) AS tier,
  CAST(coalesce(pool_name, pool_type) AS VARCHAR) AS pool,
  coalesce(success, false) AS success,
  CAST(error_type AS VARCHAR) AS error_type,
  CAST(duration_seconds AS DOUBLE) AS duration_seconds,
  CAST(actual_cost AS DOUBLE) AS cost_usd
FROM executions
WHERE "timestamp" >= epoch_ms(CAST($from_ms AS BIGINT))
  AND "timestamp" < epoch_ms(CAST($to_ms AS BIGINT))
ORDER BY "timestamp" DESC, execution_id
LIMIT CAST($limit AS BIGINT)
