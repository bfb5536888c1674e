-- The policy version in force: the last one that took over.
SELECT to_version FROM policy_updates ORDER BY created_at DESC LIMIT 1;
