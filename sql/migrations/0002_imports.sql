-- What imports could not take, each with its reason. reject_id follows from source, place and reason, so that a
-- second run of the same import adds nothing. import_id: the run that found it first.
CREATE TABLE import_rejects (
    reject_id UUID PRIMARY KEY,
    import_id UUID NOT NULL,
    source VARCHAR NOT NULL,
    reference VARCHAR NOT NULL,
    reason VARCHAR NOT NULL,
    rejected_at TIMESTAMP NOT NULL
);
