import { IconInfoCircle } from "@tabler/icons-react";
import type { WorkerAvailability } from "@/lib/shape/catalog";
import classes from "./submit-task-form.module.css";

/** Why a prompt alone cannot be answered here, what can be used, and what the rest needs. */
export function WorkerNote({ workers }: { workers: WorkerAvailability[] }) {
  return (
    <div className={classes.note} role="note">
      <IconInfoCircle size={16} aria-hidden />
      <div>
        <p>A prompt alone needs a model worker, and none is available. Choose a recipe, or set one up:</p>
        <ul>
          {workers.map((worker) => (
            <li key={worker.type}>
              <strong>{worker.type}</strong> {worker.available ? "is available" : "is not available"}:{" "}
              {worker.detail}
            </li>
          ))}
        </ul>
      </div>
    </div>
  );
}
