-- Executions past retention. $cutoff: UTC time as text.
SELECT task_id AS id, timestamp AS time FROM executions WHERE timestamp < $cutoff::TIMESTAMP
