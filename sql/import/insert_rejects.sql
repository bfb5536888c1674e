-- $rejects: JSON list of {reject_id, reference, reason}. $import_id: UUID as text. $at_ms: epoch ms.
INSERT OR IGNORE INTO import_rejects (reject_id, import_id, source, reference, reason, rejected_at)
SELECT
    reject.reject_id::UUID, $import_id::UUID, $source, reject.reference, reject.reason,
    make_timestamp(($at_ms::DOUBLE * 1000)::BIGINT)
FROM (
    SELECT unnest(from_json($rejects::JSON, '[{"reject_id":"VARCHAR","reference":"VARCHAR","reason":"VARCHAR"}]')) AS reject
);
