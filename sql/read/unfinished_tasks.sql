-- What a server that starts has to take up again: tasks that wait or ran when the last one stopped, in queue order.
SELECT
    t.task_id::VARCHAR AS task_id, t.status, t.type, t.prompt, t.repo, t.files, t.recipe, t.check_recipe, t.attempt,
    t.interruptions, t.retries, t.timeout_seconds, t.priority, t.metadata, t.worker_id, t.output_bytes::DOUBLE AS output_bytes,
    epoch_us(t.created_at)::DOUBLE / 1000 AS created_ms,
    epoch_us(t.queued_at)::DOUBLE / 1000 AS queued_ms,
    epoch_us(t.started_at)::DOUBLE / 1000 AS started_ms,
    t.decision_id::VARCHAR AS decision_id
FROM tasks AS t
WHERE t.status IN ('queued', 'running')
ORDER BY t.priority DESC, t.queued_at, t.task_id;
