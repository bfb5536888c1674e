import { execFileSync, spawnSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pino from "pino";
import { expect, test } from "vitest";
import { openDatabase } from "@/server/database/open";
import { outcomeOf } from "@/server/telemetry/outcome-fixture";
import { Recorder } from "@/server/telemetry/recorder";
import { Spool } from "@/server/telemetry/spool";
import { canMountTmpfs, eventually } from "./harness";

const MB = 1024 * 1024;

test.runIf(canMountTmpfs())(
  "a disk that fills up fails no work, and once there is space everything is there once (skipped where no tmpfs can be mounted)",
  async () => {
    const folder = mkdtempSync(join(tmpdir(), "poolwise-full-"));
    const disk = join(folder, "disk");
    mkdirSync(disk);
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=40m", "tmpfs", disk]);
    try {
      const database = await openDatabase({ file: join(disk, "learning.db"), allowedDirectories: [disk] });
      const recorder = new Recorder(database, new Spool(join(disk, "spool")), pino({ level: "silent" }), {
        captureExecutions: true,
      });
      const filler = join(disk, "filler");
      const free = statfsSync(disk);
      writeFileSync(filler, Buffer.alloc(free.bavail * free.bsize - 3 * MB));
      let recorded = 0;
      // Enough for the log, a checkpoint (which is fatal to DuckDB on a full disk) and the spool to run into the wall.
      for (let round = 0; round < 6; round++) {
        await Promise.all(
          Array.from({ length: 500 }, () =>
            recorder.record(
              outcomeOf({ task_description: "x".repeat(400), error_message: randomUUID().repeat(20) }),
            ),
          ),
        );
        recorded += 500;
        await database.writer.write([{ sql: "CHECKPOINT", values: {} }]).catch(() => undefined);
      }
      expect(recorder.status().unsaved).toBeGreaterThan(0);
      expect(recorder.status().problem).toMatch(/is full|space|invalidated/i);
      rmSync(filler);
      await eventually("everything to be taken in", async () => (await recorder.takeIn()) === 0);
      expect(
        await database.read(
          "SELECT count(*)::INTEGER AS n, count(DISTINCT task_id)::INTEGER AS d FROM executions",
        ),
      ).toEqual([{ n: recorded, d: recorded }]);
      await recorder.close();
      await database.close();
    } finally {
      spawnSync("umount", [disk]);
      rmSync(folder, { recursive: true, force: true });
    }
  },
  120_000,
);
