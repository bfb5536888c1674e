-- Routing decisions by id. $ids: UUIDs as text, separated by commas.
SELECT
    decision_id::VARCHAR AS decision_id, complexity_score, score_parts, tier, model, provider, worker_type, confidence,
    expected_savings, cost_estimate, estimated_tokens, pool_id, pool_name, strategy, policy_version, propensity, reason
FROM routing_decisions
WHERE list_contains(string_split($ids, ','), decision_id::VARCHAR);
