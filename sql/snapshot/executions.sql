-- The executions of one UTC day as the browser gets them. $day: DATE as text.
-- No embedding; metadata as a MAP because the browser's DuckDB has no JSON extension; ids as text.
SELECT
    task_id::VARCHAR AS task_id, timestamp, task_type, task_description, repo, file_count, estimated_tokens, model_tier,
    pool_type, swarm_topology, routing_confidence, complexity_score, success, duration_seconds, quality_score,
    cost_estimate, actual_cost, error_type, error_message, user_accepted, user_rating, peak_memory_mb,
    cpu_time_seconds, solution_summary,
    try_cast(metadata AS MAP(VARCHAR, VARCHAR)) AS metadata,
    uploaded_at, pool_id, pool_name, worker_id, worker_type, provider, model, recipe, attempt, input_tokens,
    output_tokens, queue_seconds, strategy, policy_version, propensity, exit_code, source,
    parent_task_id::VARCHAR AS parent_task_id, decision_id::VARCHAR AS decision_id, updated_at
FROM executions
WHERE timestamp >= $day::DATE AND timestamp < $day::DATE + INTERVAL 1 DAY
ORDER BY timestamp, task_id
