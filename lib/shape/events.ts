import type { Decision } from "./decision";
import type { TaskStatus, WaitingReason } from "./task";

/** What `GET /api/events` streams: the SSE event name is `type`, the data is the whole object. */
export type PoolwiseEvent =
  | {
      type: "task";
      task_id: string;
      status: TaskStatus;
      waiting_reason: WaitingReason | null;
      attempt: number;
      pool_name: string;
      tier: Decision["tier"];
    }
  | {
      type: "pool";
      pool_id: string;
      name: string;
      change: "spawned" | "scaled" | "paused" | "resumed" | "closed";
    }
  | { type: "snapshot"; generation: number; created_at: string };
