-- A health rule holds again.
UPDATE alerts SET resolved_at = make_timestamp(epoch_us(now())) WHERE rule = $rule AND resolved_at IS NULL;
