-- Every pool that ever was.
SELECT pool_id, name, type, worker_type, status, min_workers, max_workers, from_settings, created_at, updated_at
FROM pools
ORDER BY created_at, pool_id
