-- Pools that were open when the last server stopped.
SELECT
    pool_id, name, type, worker_type, status, min_workers, max_workers, from_settings,
    epoch_us(created_at)::DOUBLE / 1000 AS created_ms
FROM pools
WHERE status <> 'closed'
ORDER BY created_at;
