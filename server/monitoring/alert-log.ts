import "server-only";
import { randomUUID } from "node:crypto";
import { z } from "zod";
import openAlertsSql from "@/sql/read/open_alerts.sql";
import raiseSql from "@/sql/write/raise_alert.sql";
import resolveSql from "@/sql/write/resolve_alert.sql";
import type { Database } from "../database/database";
import type { Finding } from "./health";

/** Writes to `alerts` when a health rule breaks and when it holds again; in between nothing. */
export class AlertLog {
  private constructor(
    private readonly database: Database,
    private readonly open: Set<string>,
  ) {}

  static async start(database: Database): Promise<AlertLog> {
    const rows = z.array(z.object({ rule: z.string() })).parse(await database.read(openAlertsSql));
    return new AlertLog(database, new Set(rows.map((row) => row.rule)));
  }

  async update(findings: Finding[]): Promise<void> {
    const broken = new Map(findings.map((finding) => [finding.rule, finding]));
    for (const [rule, { level, message }] of broken) {
      if (this.open.has(rule)) continue;
      await this.database.writer.write([
        { sql: raiseSql, values: { alert_id: randomUUID(), rule, level, message } },
      ]);
      this.open.add(rule);
    }
    for (const rule of [...this.open].filter((open) => !broken.has(open))) {
      await this.database.writer.write([{ sql: resolveSql, values: { rule } }]);
      this.open.delete(rule);
    }
  }
}
