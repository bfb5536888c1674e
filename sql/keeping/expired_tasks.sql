-- Tasks that ended before the cutoff and have no execution that stays. $cutoff: UTC time as text.
SELECT task_id AS id, coalesce(finished_at, updated_at) AS time
FROM tasks
WHERE status IN ('succeeded', 'failed', 'cancelled', 'interrupted')
  AND coalesce(finished_at, updated_at) < $cutoff::TIMESTAMP
  AND task_id NOT IN (
      SELECT coalesce(parent_task_id, task_id) FROM executions WHERE timestamp >= $cutoff::TIMESTAMP
  )
