-- The routing decisions of one UTC day. $day: DATE as text.
SELECT
    decision_id::VARCHAR AS decision_id, task_id::VARCHAR AS task_id, timestamp, task_type, repo, complexity_score,
    score_parts, tier, model, provider, worker_type, confidence, expected_savings, cost_estimate, estimated_tokens,
    pool_id, pool_name, strategy, policy_version, propensity, reason
FROM routing_decisions
WHERE timestamp >= $day::DATE AND timestamp < $day::DATE + INTERVAL 1 DAY
ORDER BY timestamp, decision_id
