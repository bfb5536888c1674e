"use client";

import { Button, Modal } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconPlus } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { POOLS_KEY, poolsQuery } from "@/lib/api/pools";
import { sentenceOf } from "@/lib/api/request";
import { useLiveQuery } from "@/lib/api/use-events";
import type { PoolView } from "@/lib/shape/pool";
import { EmptyState } from "@/lib/ui/empty-state";
import { ErrorNotice } from "@/lib/ui/error-notice";
import { Panel } from "@/lib/ui/panel";
import { LiveMark } from "../tasks/live-mark";
import { PoolTable } from "./pool-table";
import classes from "./pools.module.css";
import { SpawnForm } from "./spawn-form";

export function PoolsView({ initialPools }: { initialPools: PoolView[] }) {
  const query = useQuery({ ...poolsQuery(), initialData: initialPools });
  const connected = useLiveQuery({
    queryKey: POOLS_KEY,
    concerns: (event) => event.type === "pool" || event.type === "task",
  });
  const [opened, { open, close }] = useDisclosure(false);
  const pools = query.data.filter((pool) => pool.status !== "closed");

  return (
    <Panel
      title="Running pools"
      slug="pools"
      flush
      actions={
        <>
          <LiveMark connected={connected} />
          <Button size="xs" onClick={open} leftSection={<IconPlus size={14} aria-hidden />}>
            New pool
          </Button>
        </>
      }
    >
      {query.error ? (
        <div className={classes.notice}>
          <ErrorNotice title="The pools could not be read" description={sentenceOf(query.error)} />
        </div>
      ) : null}
      {pools.length === 0 ? (
        <EmptyState title="No pool is open" description="Tasks wait until one is. Start one with New pool." />
      ) : (
        <PoolTable pools={pools} />
      )}
      <Modal opened={opened} onClose={close} title="New pool">
        <SpawnForm onDone={close} />
      </Modal>
    </Panel>
  );
}
