-- Decisions before the cutoff that no task and no execution that stays refers to. $cutoff: UTC time as text.
-- The marker in braces is replaced by the statement of that name.
WITH expired_tasks AS ({expired_tasks}),
kept_tasks AS (SELECT task_id, decision_id FROM tasks WHERE task_id NOT IN (SELECT id FROM expired_tasks))
SELECT decision_id AS id, timestamp AS time
FROM routing_decisions
WHERE timestamp < $cutoff::TIMESTAMP
  AND task_id NOT IN (SELECT task_id FROM kept_tasks)
  AND decision_id NOT IN (SELECT decision_id FROM kept_tasks)
  AND decision_id NOT IN (
      SELECT decision_id FROM executions WHERE timestamp >= $cutoff::TIMESTAMP AND decision_id IS NOT NULL
  )
