-- Sums over those of the given executions that are in the database. $ids: UUIDs as text, with commas between them.
SELECT
    count(*)::INTEGER AS rows,
    coalesce(sum(actual_cost), 0)::DOUBLE AS cost_usd,
    coalesce(sum(input_tokens), 0)::DOUBLE AS input_tokens,
    coalesce(sum(output_tokens), 0)::DOUBLE AS output_tokens,
    coalesce(sum(coalesce(try_cast(metadata->>'cache_read_tokens' AS DOUBLE), 0)
               + coalesce(try_cast(metadata->>'cache_write_tokens' AS DOUBLE), 0)), 0)::DOUBLE AS cache_tokens,
    coalesce(sum(duration_seconds), 0)::DOUBLE AS duration_seconds
FROM executions
WHERE task_id IN (SELECT unnest(string_split($ids, ','))::UUID);
