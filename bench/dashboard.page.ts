// What the benchmark's page does in the browser: the dashboard's own code, without its drawing.
import type { Range } from "@/lib/wasm/dashboard-statements";
import { snapshots } from "@/lib/wasm/snapshots";
import { QUESTIONS, type Question } from "./dashboard-questions";

const page = {
  /** Milliseconds until the database answers for the first time. */
  boot: () => timed(() => snapshots.query("SELECT 1 AS one", {})),

  /** Milliseconds until every row of the snapshot can be asked for, and how many there are. */
  load: async () => {
    const took = await timed(() => snapshots.refresh());
    const { error, snapshot } = snapshots.getState();
    if (error !== null) throw error;
    return { took, rows: snapshot?.executions.rows ?? 0 };
  },

  /** Milliseconds of one question, from asking to checked rows, and how many rows. */
  ask: async ({ question, range }: { question: Question; range: Range }) => {
    let rows = 0;
    const took = await timed(async () => {
      rows = await QUESTIONS[question](snapshots.query, range);
    });
    return { took, rows };
  },
};

declare global {
  interface Window {
    poolwiseBench: typeof page;
  }
}
window.poolwiseBench = page;

async function timed(job: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await job();
  return performance.now() - started;
}
