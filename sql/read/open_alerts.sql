-- Health rules that were broken when last looked at.
SELECT rule FROM alerts WHERE resolved_at IS NULL;
