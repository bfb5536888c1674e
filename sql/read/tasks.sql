-- Tasks newest first, one page.
-- $status, $pool, $repo: exact match or NULL for any. $q: text looked for in prompt, recipe, type and error, or NULL.
-- $before_ms, $before_id: position of the last task of the page before, or NULL. $limit: rows.
-- Times are epoch milliseconds.
SELECT
    task_id::VARCHAR AS task_id, status, waiting_reason, type, prompt, repo, files, recipe, check_recipe, worker_type,
    tier, pool_id, pool_name, worker_id, strategy, priority, attempt, interruptions, retries, timeout_seconds,
    idempotency_key, replay_of::VARCHAR AS replay_of, metadata, decision_id::VARCHAR AS decision_id,
    epoch_us(created_at)::DOUBLE / 1000 AS created_ms,
    epoch_us(queued_at)::DOUBLE / 1000 AS queued_ms,
    epoch_us(started_at)::DOUBLE / 1000 AS started_ms,
    epoch_us(finished_at)::DOUBLE / 1000 AS finished_ms,
    exit_code, error_type, error_message, summary, quality_score, cost_usd, duration_seconds, cpu_time_seconds,
    peak_memory_mb, user_rating, output_bytes::DOUBLE AS output_bytes
FROM tasks
WHERE ($task_id::VARCHAR IS NULL OR task_id = $task_id::UUID)
  AND ($status::VARCHAR IS NULL OR status = $status)
  AND ($pool::VARCHAR IS NULL OR pool_name = $pool OR pool_id = $pool)
  AND ($repo::VARCHAR IS NULL OR repo = $repo)
  AND ($q::VARCHAR IS NULL
       OR contains(lower(concat_ws(' ', prompt, recipe, type, error_message, task_id::VARCHAR)), lower($q)))
  AND ($before_ms::DOUBLE IS NULL
       OR created_at < make_timestamp(($before_ms::DOUBLE * 1000)::BIGINT)
       OR (created_at = make_timestamp(($before_ms::DOUBLE * 1000)::BIGINT) AND task_id < $before_id::UUID))
ORDER BY created_at DESC, tasks.task_id DESC
LIMIT $limit::INTEGER;
