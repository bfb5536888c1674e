-- Report: tasks submitted in a range, without their prompts. $from_ms, $to_ms: epoch ms or NULL; $repo: name or NULL.
SELECT * EXCLUDE (prompt, idempotency_key) REPLACE (task_id::VARCHAR AS task_id, replay_of::VARCHAR AS replay_of,
       decision_id::VARCHAR AS decision_id)
FROM tasks
WHERE ($from_ms::DOUBLE IS NULL OR created_at >= make_timestamp(($from_ms::DOUBLE * 1000)::BIGINT))
  AND ($to_ms::DOUBLE IS NULL OR created_at < make_timestamp(($to_ms::DOUBLE * 1000)::BIGINT))
  AND ($repo::VARCHAR IS NULL OR repo = $repo)
ORDER BY created_at, tasks.task_id
