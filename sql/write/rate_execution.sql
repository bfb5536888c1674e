-- Puts a rating on the final attempt of a task.
UPDATE executions
SET user_rating = $rating, user_accepted = $accepted, updated_at = make_timestamp(epoch_us(now()))
WHERE task_id = $task_id::UUID;
