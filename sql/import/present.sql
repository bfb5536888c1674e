-- Which of the given executions are in the database. $ids: UUIDs as text, with commas between them.
SELECT task_id::VARCHAR AS task_id
FROM executions
WHERE task_id IN (SELECT unnest(string_split($ids, ','))::UUID);
