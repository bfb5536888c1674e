-- The learning database as first released.
-- Migrations are append-only: never edit or reorder one that was released, add the next number.
-- Times are UTC TIMESTAMPs. There are no secondary indexes: none was used by any analytic query when measured,
-- and they halve the insert rate and double the file.

-- The first 27 columns are the reference's, in its order and with its names; dashboards written for it run unchanged.
CREATE TABLE executions (
    task_id UUID PRIMARY KEY,
    timestamp TIMESTAMP NOT NULL,
    task_type VARCHAR NOT NULL,
    task_description VARCHAR NOT NULL,
    repo VARCHAR NOT NULL,
    file_count INTEGER NOT NULL,
    estimated_tokens INTEGER NOT NULL,
    model_tier VARCHAR NOT NULL,
    pool_type VARCHAR NOT NULL,
    swarm_topology VARCHAR,
    routing_confidence FLOAT NOT NULL,
    complexity_score INTEGER NOT NULL,
    success BOOLEAN NOT NULL,
    duration_seconds FLOAT NOT NULL,
    quality_score INTEGER,
    cost_estimate FLOAT NOT NULL,
    actual_cost FLOAT NOT NULL,
    error_type VARCHAR,
    error_message VARCHAR,
    user_accepted BOOLEAN,
    user_rating INTEGER,
    peak_memory_mb FLOAT,
    cpu_time_seconds FLOAT,
    solution_summary VARCHAR,
    embedding FLOAT[],
    metadata JSON,
    uploaded_at TIMESTAMP DEFAULT make_timestamp(epoch_us(now())),
    -- Our own columns.
    pool_id VARCHAR,
    pool_name VARCHAR,
    worker_id VARCHAR,
    worker_type VARCHAR,
    provider VARCHAR,
    model VARCHAR,
    recipe VARCHAR,
    attempt INTEGER,
    input_tokens BIGINT,
    output_tokens BIGINT,
    queue_seconds FLOAT,
    strategy VARCHAR,
    policy_version VARCHAR,
    propensity FLOAT,
    exit_code INTEGER,
    source VARCHAR,
    parent_task_id UUID,
    decision_id UUID,
    updated_at TIMESTAMP
);

CREATE TABLE tasks (
    task_id UUID PRIMARY KEY,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL,
    status VARCHAR NOT NULL,
    waiting_reason VARCHAR,
    type VARCHAR NOT NULL,
    prompt VARCHAR NOT NULL,
    repo VARCHAR NOT NULL,
    files VARCHAR NOT NULL,
    recipe VARCHAR,
    check_recipe VARCHAR,
    worker_type VARCHAR NOT NULL,
    tier VARCHAR NOT NULL,
    pool_id VARCHAR NOT NULL,
    pool_name VARCHAR NOT NULL,
    worker_id VARCHAR,
    strategy VARCHAR NOT NULL,
    priority INTEGER NOT NULL,
    attempt INTEGER NOT NULL,
    interruptions INTEGER NOT NULL,
    retries INTEGER NOT NULL,
    timeout_seconds DOUBLE NOT NULL,
    idempotency_key VARCHAR,
    replay_of UUID,
    metadata VARCHAR NOT NULL,
    decision_id UUID NOT NULL,
    queued_at TIMESTAMP NOT NULL,
    started_at TIMESTAMP,
    finished_at TIMESTAMP,
    exit_code INTEGER,
    error_type VARCHAR,
    error_message VARCHAR,
    summary VARCHAR,
    quality_score INTEGER,
    cost_usd DOUBLE,
    duration_seconds DOUBLE,
    cpu_time_seconds DOUBLE,
    peak_memory_mb DOUBLE,
    user_rating INTEGER,
    output_bytes BIGINT NOT NULL
);

-- Apart from tasks, so that a second submission with the same key is found without scanning them.
CREATE TABLE idempotency_keys (
    idempotency_key VARCHAR PRIMARY KEY,
    task_id UUID NOT NULL,
    created_at TIMESTAMP NOT NULL
);

CREATE TABLE routing_decisions (
    decision_id UUID PRIMARY KEY,
    task_id UUID NOT NULL,
    timestamp TIMESTAMP NOT NULL,
    task_type VARCHAR NOT NULL,
    repo VARCHAR NOT NULL,
    complexity_score INTEGER NOT NULL,
    score_parts VARCHAR NOT NULL,
    tier VARCHAR NOT NULL,
    model VARCHAR,
    provider VARCHAR,
    worker_type VARCHAR NOT NULL,
    confidence DOUBLE NOT NULL,
    expected_savings DOUBLE NOT NULL,
    cost_estimate DOUBLE NOT NULL,
    estimated_tokens INTEGER NOT NULL,
    pool_id VARCHAR NOT NULL,
    pool_name VARCHAR NOT NULL,
    strategy VARCHAR NOT NULL,
    policy_version VARCHAR NOT NULL,
    propensity DOUBLE NOT NULL,
    reason VARCHAR NOT NULL
);

CREATE TABLE feedback (
    feedback_id UUID PRIMARY KEY,
    task_id UUID NOT NULL,
    created_at TIMESTAMP NOT NULL,
    satisfaction VARCHAR NOT NULL,
    issue_type VARCHAR,
    comment VARCHAR,
    visibility VARCHAR NOT NULL
);

CREATE TABLE pools (
    pool_id VARCHAR PRIMARY KEY,
    name VARCHAR NOT NULL,
    type VARCHAR NOT NULL,
    worker_type VARCHAR NOT NULL,
    status VARCHAR NOT NULL,
    min_workers INTEGER NOT NULL,
    max_workers INTEGER NOT NULL,
    from_settings BOOLEAN NOT NULL,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL
);

-- Every set of routing parameters that ever decided something, and the ledger of how one followed another.
CREATE TABLE policy (
    policy_version VARCHAR PRIMARY KEY,
    created_at TIMESTAMP NOT NULL,
    kind VARCHAR NOT NULL,
    parameters VARCHAR NOT NULL
);
CREATE TABLE policy_updates (
    update_id UUID PRIMARY KEY,
    created_at TIMESTAMP NOT NULL,
    from_version VARCHAR,
    to_version VARCHAR NOT NULL,
    evidence VARCHAR NOT NULL
);

-- One row per time a health rule was broken; resolved_at is set when it held again.
CREATE TABLE alerts (
    alert_id UUID PRIMARY KEY,
    rule VARCHAR NOT NULL,
    level VARCHAR NOT NULL,
    message VARCHAR NOT NULL,
    raised_at TIMESTAMP NOT NULL,
    resolved_at TIMESTAMP
);
