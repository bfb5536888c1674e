-- Report: every routing decision of a range. $from_ms, $to_ms: epoch ms or NULL; $repo: name or NULL.
SELECT * REPLACE (decision_id::VARCHAR AS decision_id, task_id::VARCHAR AS task_id)
FROM routing_decisions
WHERE ($from_ms::DOUBLE IS NULL OR timestamp >= make_timestamp(($from_ms::DOUBLE * 1000)::BIGINT))
  AND ($to_ms::DOUBLE IS NULL OR timestamp < make_timestamp(($to_ms::DOUBLE * 1000)::BIGINT))
  AND ($repo::VARCHAR IS NULL OR repo = $repo)
ORDER BY timestamp, routing_decisions.decision_id
