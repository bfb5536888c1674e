-- Stores a pool as it is now. Times are epoch milliseconds.
INSERT OR REPLACE INTO pools
VALUES ($pool_id, $name, $type, $worker_type, $status, $min_workers, $max_workers, $from_settings,
        make_timestamp(($created_ms::DOUBLE * 1000)::BIGINT), make_timestamp(epoch_us(now())));
