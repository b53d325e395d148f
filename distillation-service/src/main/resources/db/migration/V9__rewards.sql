-- What an environment paid for an episode, by who played it: a student's id, or 'teacher'. Rows are never changed: an episode that is
-- reported with two rewards is refused, so that nobody's episodes improve afterwards. `version` names whatever else a reward follows
-- from, and only rewards of one version are compared.
CREATE TABLE episode_rewards (
    number      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant      text             NOT NULL,
    task        text             NOT NULL,
    environment text             NOT NULL,
    version     text             NOT NULL,
    policy      text             NOT NULL,
    seed        bigint           NOT NULL,
    reward      double precision NOT NULL CHECK (abs(reward) <= 1e9),
    reported_by text             NOT NULL,
    reported_at timestamptz      NOT NULL,
    UNIQUE (tenant, task, policy, environment, version, seed)
);
