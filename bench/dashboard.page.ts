// What the benchmark's page does in the browser: the dashboard's own code, without its drawing.
import type { Range } from "@/lib/wasm/dashboard-statements";
import { snapshots } from "@/lib/wasm/snapshots";
import type { Ask } from "@/lib/wasm/statement";
import { QUESTIONS, type Question } from "./dashboard-questions";

const ask: Ask = (sql, parameters, signal) => snapshots.query(sql, parameters, signal);

const page = {
  /**
   * Milliseconds from nothing until a first view could be drawn and until every row of the snapshot can be asked
   * for, and how many rows there are.
   */
  load: async () => {
    const started = performance.now();
    const shown: number[] = [];
    const stop = snapshots.subscribe(() => {
      if (snapshots.getState().snapshot !== null) shown.push(performance.now() - started);
    });
    await snapshots.refresh();
    const all = performance.now() - started;
    stop();
    const { error, snapshot } = snapshots.getState();
    if (error !== null) throw error;
    return { first: shown[0] ?? all, all, rows: snapshot?.executions.rows ?? 0 };
  },

  /** Milliseconds of one question, from asking to checked rows, and how many rows. */
  ask: async ({ question, range }: { question: Question; range: Range }) => {
    const started = performance.now();
    const rows = await QUESTIONS[question](ask, range);
    return { took: performance.now() - started, rows };
  },
};

declare global {
  interface Window {
    poolwiseBench: typeof page;
  }
}
window.poolwiseBench = page;
