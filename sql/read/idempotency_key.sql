-- The task that a key was used for, if any. $key: text.
SELECT task_id::VARCHAR AS task_id FROM idempotency_keys WHERE idempotency_key = $key;
