-- Report: every execution of a range. $from_ms, $to_ms: epoch ms or NULL; $repo: name or NULL.
SELECT * EXCLUDE (embedding) REPLACE (task_id::VARCHAR AS task_id, parent_task_id::VARCHAR AS parent_task_id,
       decision_id::VARCHAR AS decision_id, metadata::VARCHAR AS metadata)
FROM executions
WHERE ($from_ms::DOUBLE IS NULL OR timestamp >= make_timestamp(($from_ms::DOUBLE * 1000)::BIGINT))
  AND ($to_ms::DOUBLE IS NULL OR timestamp < make_timestamp(($to_ms::DOUBLE * 1000)::BIGINT))
  AND ($repo::VARCHAR IS NULL OR repo = $repo)
ORDER BY timestamp, executions.task_id
