-- Ratings given to one task, newest first. $task_id: UUID as text.
SELECT
    feedback_id::VARCHAR AS feedback_id, task_id::VARCHAR AS task_id, epoch_us(created_at)::DOUBLE / 1000 AS created_ms,
    satisfaction, issue_type, comment, visibility
FROM feedback
WHERE task_id = $task_id::UUID
ORDER BY created_at DESC;
