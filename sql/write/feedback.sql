-- Stores one rating of a task.
INSERT INTO feedback
VALUES ($feedback_id::UUID, $task_id::UUID, make_timestamp(($created_ms::DOUBLE * 1000)::BIGINT), $satisfaction, $issue_type, $comment, $visibility);
