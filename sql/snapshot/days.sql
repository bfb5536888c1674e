-- Days that have rows, with how many and the latest change, to find out at start which parts are out of date.
-- {table} and {changed} are replaced by names from a fixed list.
SELECT strftime(timestamp, '%Y-%m-%d') AS day, count(*)::INTEGER AS rows, epoch_us(max({changed}))::DOUBLE / 1000 AS changed_ms
FROM {table}
GROUP BY ALL
ORDER BY day;
