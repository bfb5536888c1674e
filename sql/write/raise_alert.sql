-- A health rule is broken from now on.
INSERT INTO alerts VALUES ($alert_id::UUID, $rule, $level, $message, make_timestamp(epoch_us(now())), NULL);
