import "server-only";
import type { PoolStatus, PoolType, PoolView } from "@/lib/shape/pool";
import type { StopReason } from "./types";

export type PoolConfig = {
  poolId: string;
  name: string;
  type: PoolType;
  workerType: "auto" | "command" | "model";
  minWorkers: number;
  maxWorkers: number;
  fromSettings: boolean;
  createdAt: number;
};

/** Work handed to a pool. `run` resolves when the attempt is over and never rejects. */
export type Job = {
  taskId: string;
  priority: number;
  run: (workerId: string, signal: AbortSignal) => Promise<{ success: boolean }>;
};

type Running = { job: Job; controller: AbortController; done: Promise<void> };

const IDLE_SHRINK_MS = 30_000;

/**
 * A pool of workers with a queue in front of it; each worker runs one job at a time.
 * It grows from `minWorkers` to `maxWorkers` while jobs wait and shrinks back when workers idle.
 * Queue order: higher priority first, then first come, first served.
 */
export class Pool {
  status: PoolStatus = "active";
  private readonly queue: Job[] = [];
  private readonly running = new Map<string, Running>();
  private readonly freeWorkers: number[] = [];
  private size: number;
  private nextWorker = 1;
  private completed = 0;
  private failed = 0;
  private shrinkTimer: NodeJS.Timeout | null = null;

  constructor(readonly config: PoolConfig) {
    this.size = config.minWorkers;
  }

  get queued(): number {
    return this.queue.length;
  }

  get busy(): number {
    return this.running.size;
  }

  /** Running and queued jobs per worker the pool may have. */
  get load(): number {
    return (this.running.size + this.queue.length) / this.config.maxWorkers;
  }

  enqueue(job: Job): void {
    const after = this.queue.findLastIndex((queued) => queued.priority >= job.priority);
    this.queue.splice(after + 1, 0, job);
    this.dispatch();
  }

  /** Takes a waiting job out; false when it is not waiting here. */
  withdraw(taskId: string): boolean {
    const index = this.queue.findIndex((job) => job.taskId === taskId);
    if (index < 0) return false;
    this.queue.splice(index, 1);
    return true;
  }

  /** Takes every waiting job out, in queue order. */
  withdrawAll(): Job[] {
    return this.queue.splice(0);
  }

  /** Tells a running job to stop; false when it does not run here. */
  stop(taskId: string, reason: StopReason): boolean {
    const running = this.running.get(taskId);
    running?.controller.abort(reason);
    return running !== undefined;
  }

  pause(): void {
    this.status = "paused";
  }

  resume(): void {
    this.status = "active";
    this.dispatch();
  }

  close(): void {
    this.status = "closed";
    if (this.shrinkTimer) clearTimeout(this.shrinkTimer);
  }

  /** Sets a fixed number of workers. Running jobs are never stopped by it. */
  scale(workers: number): void {
    this.config.minWorkers = workers;
    this.config.maxWorkers = workers;
    this.size = workers;
    this.dispatch();
  }

  /** Resolves when nothing runs any more. Waiting jobs stay waiting when the pool is paused or closed. */
  async settled(): Promise<void> {
    while (this.running.size > 0)
      await Promise.all([...this.running.values()].map((running) => running.done));
  }

  stopAll(reason: StopReason): void {
    for (const { controller } of this.running.values()) controller.abort(reason);
  }

  view(): PoolView {
    const { config } = this;
    return {
      pool_id: config.poolId,
      name: config.name,
      type: config.type,
      status: this.status,
      worker_type: config.workerType,
      min_workers: config.minWorkers,
      max_workers: config.maxWorkers,
      workers: this.status === "closed" ? 0 : Math.max(this.size, this.running.size),
      busy: this.running.size,
      queued: this.queue.length,
      completed: this.completed,
      failed: this.failed,
      created_at: new Date(config.createdAt).toISOString(),
      from_settings: config.fromSettings,
    };
  }

  private dispatch(): void {
    while (this.status === "active" && this.queue.length > 0) {
      if (this.running.size >= this.size) {
        if (this.size >= this.config.maxWorkers) return;
        this.size += 1;
      }
      const job = this.queue.shift();
      if (job) this.start(job);
    }
  }

  private start(job: Job): void {
    const worker = this.freeWorkers.pop() ?? this.nextWorker++;
    const controller = new AbortController();
    const done = job.run(`${this.config.name}-${worker}`, controller.signal).then(({ success }) => {
      this.running.delete(job.taskId);
      this.freeWorkers.push(worker);
      if (success) this.completed += 1;
      else this.failed += 1;
      this.dispatch();
      this.shrinkLater();
    });
    this.running.set(job.taskId, { job, controller, done });
  }

  private shrinkLater(): void {
    if (this.size <= this.config.minWorkers) return;
    if (this.shrinkTimer) clearTimeout(this.shrinkTimer);
    this.shrinkTimer = setTimeout(() => {
      this.size = Math.max(this.config.minWorkers, this.running.size);
    }, IDLE_SHRINK_MS).unref();
  }
}
