import "server-only";
import type { Command } from "commander";
import type { Manifest } from "@/lib/shape/manifest";
import { withConnection } from "./connection";
import { diagnose } from "./doctor";
import { addMonitorCommand } from "./monitor";
import { ask, printJson, printTable, type OutputOptions } from "./output";
import { addReportCommand } from "./report-command";

export function addOperateCommands(program: Command): void {
  addMonitorCommand(program);
  program.command("doctor").description("what is wrong here, and what to do").option("--json").action(doctor);
  program
    .command("snapshot")
    .description("publish a Parquet snapshot now")
    .option("--full", "write every day again")
    .option("--json")
    .action(snapshot);
  addReportCommand(program);
}

async function doctor({ json }: OutputOptions): Promise<void> {
  const findings = await diagnose();
  if (json) printJson(findings);
  else
    printTable(
      ["", "what", "finding"],
      findings.map(({ ok, what, finding, remedy }) => [
        ok ? "ok" : "PROBLEM",
        what,
        remedy ? `${finding}. ${remedy}` : finding,
      ]),
    );
  if (findings.some(({ ok }) => !ok)) process.exitCode = 1;
}

async function snapshot(options: OutputOptions & { full?: boolean }): Promise<void> {
  await withConnection(async (connection) => {
    const manifest = await ask<Manifest>(connection, "POST", `/api/snapshots${options.full ? "?full" : ""}`);
    if (options.json) {
      printJson(manifest);
      return;
    }
    process.stdout.write(`generation ${manifest.generation}\n`);
    printTable(
      ["table", "rows", "parts"],
      Object.entries(manifest.tables).map(([name, table]) => [name, table.rows, table.parts.length]),
    );
  });
}
