import type { WorkerAvailability } from "@/lib/shape/catalog";
import { Panel } from "@/lib/ui/panel";
import { ToneBadge } from "@/lib/ui/status-badge";
import classes from "./pools.module.css";

export function WorkersPanel({ workers }: { workers: WorkerAvailability[] }) {
  return (
    <Panel
      title="Worker types"
      slug="workers"
      subtitle="What can run on this machine, and what the others need"
    >
      <ul className={classes.workers}>
        {workers.map((worker) => (
          <li key={worker.type}>
            <span className={classes.workerName}>{worker.type}</span>
            <ToneBadge
              label={worker.available ? "available" : "not available"}
              tone={worker.available ? "success" : "neutral"}
            />
            <span className={classes.workerDetail}>{worker.detail}</span>
          </li>
        ))}
      </ul>
    </Panel>
  );
}
