-- A backup was fetched whole just now.
INSERT OR REPLACE INTO metadata VALUES ('last_backup', 'fetched', make_timestamp(epoch_us(now())));
