-- Finished attempts of one task, first to last. $task_id: UUID as text.
SELECT
    task_id::VARCHAR AS execution_id, attempt, epoch_us(timestamp)::DOUBLE / 1000 AS timestamp_ms, success,
    duration_seconds::DOUBLE AS duration_seconds, error_type, error_message, exit_code, worker_id
FROM executions
WHERE task_id = $task_id::UUID OR parent_task_id = $task_id::UUID
ORDER BY attempt, timestamp;
