// From submitting a task over HTTP to its row on disk and in the snapshot a page loads, against the same program
// run by hand with one INSERT afterwards.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { DuckDBPreparedStatement } from "@duckdb/node-api";
import { z } from "zod";
import type { Row } from "@/server/database/tables";
import { makeExecutionRows } from "./execution-rows";
import { follow, type Follower } from "./follower";
import { isQuick, ms, percentile, progress, reportDuration, timed } from "./measure";
import { openRawDatabase, prepareInsert, insertRow } from "./raw-database";
import { createRandom } from "./random";
import { startServer } from "./running-server";
import { withTempFolder } from "./temp-folder";

const TASKS = isQuick ? 4 : 100;
const WARM_UP = isQuick ? 1 : 5;
const FILE = "notes.txt";
// What the recipe disk-usage runs.
const PROGRAM = ["du", "-sk", "--", FILE] as const;
// Snapshots are cut on a timer. Without a pause of chance every task would meet it at the same point of its beat.
const PAUSE_MAX_MS = 700;

const acceptedSchema = z.object({ task_id: z.string() });

type ByHand = { ran: number; inserted: number };
type Timing = { accepted: number; recorded: number; visible: number };

await withTempFolder(async (folder) => {
  const repo = join(folder, "repo");
  mkdirSync(repo);
  writeFileSync(join(repo, FILE), "A small file to be measured.\n");
  const server = await startServer(folder, repo);
  const raw = await openRawDatabase(join(folder, "raw.db"));
  try {
    await measure(server.url, repo, await prepareInsert(raw.connection));
  } finally {
    raw.close();
    await server.stop();
  }
});

async function measure(url: string, repo: string, insert: DuckDBPreparedStatement): Promise<void> {
  const follower = await follow(url);
  const random = createRandom(3);
  const rows = makeExecutionRows(TASKS + WARM_UP);
  const ours: Timing[] = [];
  const byHand: ByHand[] = [];
  progress(`${TASKS} tasks, one at a time`);
  for (const [index, row] of rows.entries()) {
    const direct = await runByHand(repo, insert, row);
    await sleep(random.below(PAUSE_MAX_MS));
    const timing = await submit(url, follower, index + 1);
    if (index < WARM_UP) continue;
    byHand.push(direct);
    ours.push(timing);
  }
  follower.close();

  const insertAlone = {
    raws: byHand.map(({ inserted }) => inserted),
    rawWhat: "one INSERT with autocommit",
  };
  const program = {
    raws: byHand.map(({ ran, inserted }) => ran + inserted),
    rawWhat: "spawn the program, then one INSERT with autocommit",
  };
  const report = (what: string, figures: number[], ceiling: typeof program) => {
    const note = `p99 ${ms(percentile(figures, 0.99))}; p50 of ${figures.length} tasks, one at a time`;
    reportDuration({ what, unit: "ms", figures, ...ceiling, note });
  };
  const of = (key: keyof Timing) => ours.map((timing) => timing[key]);
  report("submit to accepted", of("accepted"), insertAlone);
  report("submit to recorded", of("recorded"), program);
  report("submit to visible", of("visible"), program);
}

/** Submits a task and waits, as a page does, until the newest manifest counts `expectedRows` executions. */
async function submit(url: string, follower: Follower, expectedRows: number): Promise<Timing> {
  const started = performance.now();
  const visible = follower.whenVisible(expectedRows);
  const response = await fetch(`${url}/api/tasks`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ recipe: "disk-usage", repo: "bench", files: [FILE] }),
  });
  if (response.status !== 202) throw new Error(`The task was refused: ${await response.text()}`);
  const { task_id } = acceptedSchema.parse(await response.json());
  const accepted = performance.now() - started;
  const recorded = (await follower.whenEnded(task_id)) - started;
  return { accepted, recorded, visible: (await visible) - started };
}

async function runByHand(repo: string, insert: DuckDBPreparedStatement, row: Row): Promise<ByHand> {
  const started = performance.now();
  const [program, ...args] = PROGRAM;
  const child = spawn(program, args, { cwd: repo, stdio: ["ignore", "pipe", "pipe"] });
  // The output is read, as it is by the worker.
  child.stdout.resume();
  child.stderr.resume();
  await once(child, "close");
  if (child.exitCode !== 0) throw new Error(`${PROGRAM.join(" ")} ended with ${child.exitCode}.`);
  const ran = performance.now() - started;
  const inserted = await timed(() => insertRow(insert, row));
  return { ran, inserted };
}
