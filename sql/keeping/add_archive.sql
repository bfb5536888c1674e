-- Registers a file. Rows that were archived before under the same content have the same name.
INSERT OR IGNORE INTO archives
VALUES ($file, $table_name, $month, $rows::BIGINT, $bytes::BIGINT, $sha256, make_timestamp(($min_ms::DOUBLE * 1000)::BIGINT),
        make_timestamp(($max_ms::DOUBLE * 1000)::BIGINT), make_timestamp(epoch_us(now())));
