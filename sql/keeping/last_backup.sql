-- When a backup was last fetched whole; no row when never.
SELECT epoch_us(updated_at)::DOUBLE / 1000 AS ms FROM metadata WHERE key = 'last_backup';
