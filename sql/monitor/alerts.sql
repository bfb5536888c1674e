-- The last times a health rule was broken, newest first. Times are epoch milliseconds.
SELECT
    rule, level, message,
    epoch_us(raised_at)::DOUBLE / 1000 AS raised_ms,
    epoch_us(resolved_at)::DOUBLE / 1000 AS resolved_ms
FROM alerts
ORDER BY raised_at DESC
LIMIT 50;
