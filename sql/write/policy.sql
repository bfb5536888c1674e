-- Names a set of routing parameters the first time it is used.
INSERT OR IGNORE INTO policy VALUES ($policy_version, make_timestamp(epoch_us(now())), $kind, $parameters);
