"use client";

import { Button, Group, Modal, NumberInput, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useState, type SubmitEvent, type ReactNode } from "react";
import { changePool, closePool } from "@/lib/api/pools";
import { sentenceOf } from "@/lib/api/request";
import { pluralize } from "@/lib/format";
import type { PoolView } from "@/lib/shape/pool";
import classes from "./pools.module.css";
import { usePoolMutation } from "./use-pool-mutation";

export function PoolActions({ pool }: { pool: PoolView }) {
  const [scaling, scaleModal] = useDisclosure(false);
  const [closing, closeModal] = useDisclosure(false);
  const toggle = usePoolMutation(() =>
    changePool(pool.pool_id, { status: pool.status === "paused" ? "active" : "paused" }),
  );
  const isPaused = pool.status === "paused";
  return (
    <div className={classes.actions}>
      <RowAction
        label={isPaused ? `Resume ${pool.name}` : `Pause ${pool.name}`}
        loading={toggle.isPending}
        onClick={() => toggle.mutate(undefined)}
      >
        {isPaused ? "Resume" : "Pause"}
      </RowAction>
      <RowAction label={`Scale ${pool.name}`} onClick={scaleModal.open}>
        Scale
      </RowAction>
      <RowAction label={`Close ${pool.name}`} onClick={closeModal.open}>
        Close
      </RowAction>
      {toggle.error ? (
        <span role="alert" className={classes.actionError}>
          {sentenceOf(toggle.error)}
        </span>
      ) : null}
      <Modal opened={scaling} onClose={scaleModal.close} title={`Scale ${pool.name}`} size="sm">
        <ScaleForm pool={pool} onDone={scaleModal.close} />
      </Modal>
      <Modal opened={closing} onClose={closeModal.close} title={`Close ${pool.name}`} size="sm">
        <CloseForm pool={pool} onDone={closeModal.close} />
      </Modal>
    </div>
  );
}

type RowActionProps = { label: string; onClick: () => void; loading?: boolean; children: ReactNode };

function RowAction({ label, onClick, loading = false, children }: RowActionProps) {
  return (
    <Button variant="default" size="compact-sm" aria-label={label} onClick={onClick} loading={loading}>
      {children}
    </Button>
  );
}

type FormProps = { pool: PoolView; onDone: () => void };

function ScaleForm({ pool, onDone }: FormProps) {
  const [workers, setWorkers] = useState<string | number>(pool.workers);
  const scale = usePoolMutation((count: number) => changePool(pool.pool_id, { workers: count }), onDone);
  const onSubmit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    scale.mutate(Number(workers));
  };
  return (
    <form onSubmit={onSubmit}>
      <NumberInput
        label="Workers"
        description={`From ${pool.min_workers} to ${pool.max_workers}. Running tasks finish first.`}
        data-autofocus
        min={pool.min_workers}
        max={pool.max_workers}
        allowDecimal={false}
        value={workers}
        onChange={setWorkers}
        error={scale.error ? sentenceOf(scale.error) : null}
      />
      <Group justify="flex-end" mt="md">
        <Button type="submit" loading={scale.isPending}>
          Scale
        </Button>
      </Group>
    </form>
  );
}

function CloseForm({ pool, onDone }: FormProps) {
  const close = usePoolMutation(() => closePool(pool.pool_id), onDone);
  return (
    <>
      <Text size="sm">
        It takes no more tasks. {consequence(pool)}
        {pool.from_settings ? " It is defined in the settings, so it is back after a restart." : ""}
      </Text>
      {close.error ? (
        <Text size="sm" role="alert" c="var(--pw-failure-text)" mt="xs">
          {sentenceOf(close.error)}
        </Text>
      ) : null}
      <Group justify="flex-end" mt="md">
        <Button variant="default" onClick={onDone} data-autofocus>
          Keep it
        </Button>
        <Button color="red" loading={close.isPending} onClick={() => close.mutate(undefined)}>
          Close pool
        </Button>
      </Group>
    </>
  );
}

function consequence({ busy, queued }: PoolView): string {
  if (busy === 0 && queued === 0) return "Nothing runs or waits in it now.";
  return `Now ${pluralize(busy, "task runs", "tasks run")} and ${pluralize(queued, "task waits", "tasks wait")} in it.`;
}
