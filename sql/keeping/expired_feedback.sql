-- Ratings before the cutoff whose task does not stay. $cutoff: UTC time as text.
-- The marker in braces is replaced by the statement of that name.
WITH expired_tasks AS ({expired_tasks})
SELECT feedback_id AS id, created_at AS time
FROM feedback
WHERE created_at < $cutoff::TIMESTAMP
  AND task_id NOT IN (SELECT task_id FROM tasks WHERE task_id NOT IN (SELECT id FROM expired_tasks))
