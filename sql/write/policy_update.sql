-- Records that one policy version took over from another, and why.
INSERT INTO policy_updates VALUES ($update_id::UUID, make_timestamp(epoch_us(now())), $from_version, $to_version, $evidence);
