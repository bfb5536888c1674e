-- Fills executions with $rows rows, evenly over $days days up to $end_ms. The same values always make the same rows.
-- hash() of the row's number and a letter stands in for chance: one letter per column, so that columns are independent.
INSERT INTO executions BY NAME
WITH words AS (
    SELECT ['the', 'a', 'of', 'to', 'for', 'and', 'in', 'with', 'when', 'that', 'every', 'each', 'module', 'function',
            'query', 'table', 'cache', 'queue', 'worker', 'request', 'session', 'token', 'report', 'page', 'test',
            'fix', 'add', 'remove', 'rename', 'split', 'review', 'format', 'check', 'import', 'export', 'retry',
            'timeout', 'migration', 'security', 'design', 'billing', 'storefront', 'checkout', 'inventory', 'user',
            'account', 'nightly', 'slow'] AS word
), numbered AS (
    SELECT
        i,
        make_timestamp((($end_ms::DOUBLE - ($rows::BIGINT - i) * ($days::BIGINT * 86400000 / $rows::BIGINT)) * 1000)::BIGINT) AS finished,
        hash(i, 'success') % 100 >= 12 AS succeeded,
        ['small', 'small', 'small', 'medium', 'medium', 'large'][1 + (hash(i, 'tier') % 6)::INTEGER] AS tier,
        ['linting', 'testing', 'formatting', 'debugging', 'documentation', 'code_generation', 'architecture'][1 + (hash(i, 'type') % 7)::INTEGER] AS type,
        (hash(i, 'duration') % 10000) / 10000.0 AS spread
    FROM range($rows::BIGINT) AS numbers (i)
)
SELECT
    md5(i::VARCHAR)::UUID AS task_id,
    finished AS timestamp,
    type AS task_type,
    array_to_string(list_transform(range(12 + (hash(i, 'length') % 26)::BIGINT), lambda n: word[1 + (hash(i, n) % 48)::INTEGER]), ' ') AS task_description,
    ['storefront', 'billing', 'inventory', 'website', 'poolwise', 'mobile-app'][1 + (hash(i, 'repo') % 6)::INTEGER] AS repo,
    (hash(i, 'files') % 14)::INTEGER AS file_count,
    (200 + hash(i, 'tokens') % 20000)::INTEGER AS estimated_tokens,
    tier AS model_tier,
    'mahavishnu' AS pool_type,
    0.6 + (hash(i, 'confidence') % 31) / 100.0 AS routing_confidence,
    (hash(i, 'score') % 101)::INTEGER AS complexity_score,
    succeeded AS success,
    round(0.2 + 90 * spread * spread * spread, 3) AS duration_seconds,
    CASE WHEN hash(i, 'graded') % 3 > 0 THEN (40 + hash(i, 'quality') % 61)::INTEGER END AS quality_score,
    round((hash(i, 'estimate') % 4000) / 100000.0, 5) AS cost_estimate,
    round((hash(i, 'cost') % 4000) / 100000.0, 5) AS actual_cost,
    CASE WHEN NOT succeeded THEN ['timeout', 'quality_gate', 'crash', 'rate_limit', 'unknown'][1 + (hash(i, 'error') % 5)::INTEGER] END AS error_type,
    CASE WHEN NOT succeeded THEN 'stopped in step ' || (hash(i, 'step') % 40) || ' of ' || type || ': the program ended with exit code ' || (1 + hash(i, 'code') % 4) END AS error_message,
    CASE WHEN hash(i, 'rated') % 20 = 0 THEN (1 + hash(i, 'rating') % 5)::INTEGER END AS user_rating,
    round(40 + (hash(i, 'memory') % 90000) / 100.0, 2) AS peak_memory_mb,
    round(80 * spread * spread * spread, 3) AS cpu_time_seconds,
    (hash(i, 'findings') % 30) || ' findings in ' || (1 + hash(i, 'checked') % 60) || ' files' AS solution_summary,
    '{"branch":"main","ticket":"T-' || (hash(i, 'ticket') % 5000) || '"}' AS metadata,
    finished AS uploaded_at,
    'pool_' || (hash(i, 'pool') % 4) AS pool_id,
    ['local', 'nightly', 'reviews', 'batch'][1 + (hash(i, 'pool') % 4)::INTEGER] AS pool_name,
    'worker-' || (hash(i, 'worker') % 24) AS worker_id,
    'model' AS worker_type,
    'main' AS provider,
    'model-' || tier AS model,
    1 AS attempt,
    (200 + hash(i, 'input') % 20000)::BIGINT AS input_tokens,
    (20 + hash(i, 'output') % 4000)::BIGINT AS output_tokens,
    round((hash(i, 'waited') % 4000) / 1000.0, 3) AS queue_seconds,
    'least_loaded' AS strategy,
    'static-0123abcd' AS policy_version,
    1 AS propensity,
    CASE WHEN succeeded THEN 0 ELSE 1 END AS exit_code,
    'poolwise' AS source,
    md5('decision ' || i)::UUID AS decision_id,
    finished AS updated_at
FROM numbered, words;
