import { appendFileSync, mkdtempSync, truncateSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pino from "pino";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Database } from "../database/database";
import { openDatabase } from "../database/open";
import { inferErrorType } from "./error-type";
import { outcomeOf } from "./outcome-fixture";
import { Recorder, type RecorderOptions } from "./recorder";
import { Spool } from "./spool";

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "poolwise-rec-"));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const silent = pino({ level: "silent" });
const open = () => openDatabase({ file: join(dir, "learning.db"), allowedDirectories: [dir] });
const spoolFiles = () => readdirSync(join(dir, "spool")).filter((name) => name.endsWith(".jsonl"));
const spoolFile = () => join(dir, "spool", spoolFiles()[0] ?? "none");

const recorderOf = (database: Database, options: Partial<RecorderOptions> = {}) =>
  new Recorder(database, new Spool(join(dir, "spool")), silent, { captureExecutions: true, ...options });

test("a database that refuses never fails the work: the outcome is kept and is there once after the next start", async () => {
  const database = await open();
  const recorder = recorderOf(database);
  await recorder.record(outcomeOf());
  await database.close();
  await recorder.record(outcomeOf());
  await recorder.record(outcomeOf());
  expect(recorder.status().unsaved).toBe(2);
  expect(recorder.status().problem).not.toBeNull();
  await recorder.close();
  const kept = readFileSync(spoolFile(), "utf8");
  expect(kept.trim().split("\n")).toHaveLength(2);

  const again = await open();
  const next = recorderOf(again);
  expect(next.status().unsaved).toBe(2);
  expect(await next.takeIn()).toBe(0);
  expect(spoolFiles()).toEqual([]);
  // A crash between taking the lines in and removing the file means they are taken in twice.
  appendFileSync(join(dir, "spool", "outcomes.jsonl"), kept);
  expect(await recorderOf(again).takeIn()).toBe(0);
  expect(await again.read("SELECT count(*)::INTEGER AS n FROM executions")).toEqual([{ n: 3 }]);
  await again.close();
});

function truncated(file: string): string {
  truncateSync(file);
  return file;
}

test("a damaged spool line is passed over and the lines around it are taken in", async () => {
  const database = await open();
  const recorder = recorderOf(database);
  await database.close();
  for (let i = 0; i < 3; i++) await recorder.record(outcomeOf());
  await recorder.close();
  const lines = readFileSync(spoolFile(), "utf8").split("\n");
  appendFileSync(
    truncated(spoolFile()),
    [lines[0], (lines[1] ?? "").replace("succeeded", "succeedes"), lines[2], "half a li"].join("\n"),
  );
  const again = await open();
  expect(await recorderOf(again).takeIn()).toBe(0);
  expect(await again.read("SELECT count(*)::INTEGER AS n FROM executions")).toEqual([{ n: 2 }]);
  expect(readdirSync(join(dir, "spool")).filter((file) => file.endsWith(".damaged"))).toHaveLength(1);
  await again.close();
});

test("past the bound in memory outcomes go through the spool, in order, and none is lost", async () => {
  const database = await open();
  const recorder = recorderOf(database, { pendingMax: 3 });
  const all = Array.from({ length: 200 }, () => recorder.record(outcomeOf()));
  await Promise.all(all);
  expect(recorder.status().unsaved).toBeGreaterThan(0);
  expect(await recorder.takeIn()).toBe(0);
  expect(await database.read("SELECT count(*)::INTEGER AS n FROM executions")).toEqual([{ n: 200 }]);
  await recorder.close();
  await database.close();
});

test("with telemetry capture off the task's end is recorded and no execution is", async () => {
  const database = await open();
  await recorderOf(database, { captureExecutions: false }).record(outcomeOf());
  expect(await database.read("SELECT count(*)::INTEGER AS n FROM executions")).toEqual([{ n: 0 }]);
  await database.close();
});

test.each([
  ["Request timed out after 30 s", "timeout"],
  ["quality check failed", "quality_gate"],
  ["segmentation fault", "crash"],
  ["invalid input", "validation"],
  ["HTTP 429 Too Many Requests", "rate_limit"],
  ["insufficient_quota: budget exceeded", "budget"],
  ["something else", "unknown"],
])("%j is inferred to be %s", (message, type) => {
  expect(inferErrorType(message)).toBe(type);
});
