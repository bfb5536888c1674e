import { Table } from "@mantine/core";
import Link from "next/link";
import { formatCount } from "@/lib/format";
import type { PoolStatus, PoolView } from "@/lib/shape/pool";
import { ToneBadge, type BadgeTone } from "@/lib/ui/status-badge";
import tableClasses from "../tasks/data-table.module.css";
import { PoolActions } from "./pool-actions";
import classes from "./pools.module.css";

const TONES: Record<PoolStatus, BadgeTone> = { active: "success", paused: "warning", closed: "neutral" };

export function PoolTable({ pools }: { pools: PoolView[] }) {
  return (
    <Table
      className={classes.table}
      classNames={{ table: tableClasses.table, th: tableClasses.th, td: tableClasses.td }}
    >
      <Table.Thead>
        <Table.Tr>
          <Table.Th>Pool</Table.Th>
          <Table.Th>Status</Table.Th>
          <Table.Th>Workers busy</Table.Th>
          <Table.Th className={tableClasses.number}>Queued</Table.Th>
          <Table.Th className={tableClasses.number}>Completed</Table.Th>
          <Table.Th className={tableClasses.number}>Failed</Table.Th>
          <Table.Th className={tableClasses.number}>Actions</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {pools.map((pool) => (
          <PoolRow key={pool.pool_id} pool={pool} />
        ))}
      </Table.Tbody>
    </Table>
  );
}

function PoolRow({ pool }: { pool: PoolView }) {
  return (
    <Table.Tr className={classes.row}>
      <Table.Td className={classes.name}>
        <Link href={{ pathname: "/tasks", query: { pool: pool.name } }}>{pool.name}</Link>
        <span className={classes.kind}>
          {pool.type}, {pool.worker_type} workers{pool.from_settings ? ", from settings" : ""}
        </span>
      </Table.Td>
      <Table.Td>
        <ToneBadge label={pool.status} tone={TONES[pool.status]} />
      </Table.Td>
      <Table.Td className={classes.busy} data-label="Busy">
        <Busy pool={pool} />
      </Table.Td>
      <Table.Td className={tableClasses.number} data-label="Queued">
        {formatCount(pool.queued)}
      </Table.Td>
      <Table.Td className={tableClasses.number} data-label="Completed">
        {formatCount(pool.completed)}
      </Table.Td>
      <Table.Td className={tableClasses.number} data-label="Failed">
        {formatCount(pool.failed)}
      </Table.Td>
      <Table.Td className={classes.actionsCell}>
        <PoolActions pool={pool} />
      </Table.Td>
    </Table.Tr>
  );
}

function Busy({ pool }: { pool: PoolView }) {
  const share = pool.workers === 0 ? 0 : Math.min(100, (100 * pool.busy) / pool.workers);
  return (
    <span className={classes.meterCell}>
      <span>
        {pool.busy} of {pool.workers}
      </span>
      <span className={classes.meter} aria-hidden>
        <span style={{ width: `${share}%` }} />
      </span>
      <span className={classes.range}>
        {pool.min_workers} to {pool.max_workers}
      </span>
    </span>
  );
}
