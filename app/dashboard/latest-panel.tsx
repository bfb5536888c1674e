"use client";

import { Anchor } from "@mantine/core";
import { IconCircleCheck, IconCircleX } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { formatDuration, formatUsd, NONE } from "@/lib/format";
import { errorName } from "@/lib/chart/prepare-errors";
import { Panel } from "@/lib/ui/panel";
import { RelativeTime } from "@/lib/ui/relative-time";
import { latestOptions } from "@/lib/wasm/dashboard-options";
import type { LatestRow } from "@/lib/wasm/dashboard-statements";
import classes from "./dashboard.module.css";
import { nothingRan, panelState } from "./panel-state";
import { scopeOf, type View } from "./view";

export function LatestPanel(view: View) {
  const query = useQuery(latestOptions(scopeOf(view)));
  const rows = query.data?.rows ?? [];
  const state = panelState(query, { isEmpty: rows.length === 0, empty: nothingRan(view.window.words) });
  return (
    <div className={classes.latest}>
      <Panel
        title="Latest executions"
        slug="latest-executions"
        state={state}
        actions={
          <Anchor component={Link} href="/tasks" size="xs">
            All tasks
          </Anchor>
        }
      >
        <table className={classes.table}>
          <thead>
            <tr>
              <th scope="col">Outcome</th>
              <th scope="col">Task</th>
              <th scope="col">Tier</th>
              <th scope="col">Pool</th>
              <th scope="col">Duration</th>
              <th scope="col">Cost</th>
              <th scope="col">Finished</th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <Execution key={row.execution_id} row={row} />
            ))}
          </tbody>
        </table>
      </Panel>
    </div>
  );
}

function Execution({ row }: { row: LatestRow }) {
  const kind = [row.task_type, row.repo].filter((part) => part !== null && part !== "");
  return (
    <tr>
      <td>
        <Outcome row={row} />
      </td>
      <td className={classes.task}>
        <Link href={`/tasks/${row.task_id}`} prefetch={false} title={row.description ?? undefined}>
          {row.description === null || row.description === "" ? row.task_id : row.description}
        </Link>
        <span>{kind.join(" / ")}</span>
      </td>
      <td>{row.tier ?? NONE}</td>
      <td>{row.pool ?? NONE}</td>
      <td>{row.duration_seconds === null ? NONE : formatDuration(row.duration_seconds)}</td>
      <td>{row.cost_usd === null ? NONE : formatUsd(row.cost_usd)}</td>
      <td>
        <RelativeTime ms={row.at_ms} />
      </td>
    </tr>
  );
}

function Outcome({ row }: { row: LatestRow }) {
  const Symbol = row.success ? IconCircleCheck : IconCircleX;
  return (
    <span className={classes.outcome} data-failed={row.success ? undefined : ""}>
      <Symbol size={16} stroke={1.9} aria-hidden />
      <span>{row.success ? "Succeeded" : errorName(row.error_type ?? "failed")}</span>
    </span>
  );
}
