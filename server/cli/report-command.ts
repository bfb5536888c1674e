import "server-only";
import { randomUUID } from "node:crypto";
import { createWriteStream, fstatSync, readlinkSync, realpathSync, statSync, type Stats } from "node:fs";
import { chmod, rename, rm } from "node:fs/promises";
import { dirname, extname, resolve } from "node:path";
import { pipeline } from "node:stream/promises";
import { Option, type Command } from "commander";
import { messageOf } from "@/lib/errors";
import { REPORT_FORMATS, REPORTS } from "@/lib/shape/report";
import { withConnection } from "./connection";
import { beforeLeaving } from "./leave";
import { CommandFailed, failureOf, printJson, type OutputOptions } from "./output";
import { chosenMode } from "./umask";

type ReportOptions = OutputOptions & {
  from?: string;
  to?: string;
  repo?: string;
  format?: string;
  output: string;
};

export function addReportCommand(program: Command): void {
  program
    .command("report <name>")
    .description(`download a report: ${REPORTS.join(", ")}`)
    .option("--from <date>", "first day or time, UTC")
    .option("--to <date>", "last day, or time it ends before, UTC")
    .option("--repo <name>")
    .addOption(
      new Option("--format <format>", "taken from the file's name where it says it").choices(REPORT_FORMATS),
    )
    .requiredOption("-o, --output <file>", "- prints the report, and nothing else, on standard output")
    .option("--json")
    .action(report);
}

async function report(name: string, options: ReportOptions): Promise<void> {
  const { from, to, repo, output } = options;
  const ending = extname(output).slice(1);
  const format = options.format ?? REPORT_FORMATS.find((known) => known === ending) ?? "parquet";
  const query = new URLSearchParams({ ...(from && { from }), ...(to && { to }), ...(repo && { repo }) });
  await withConnection(async (connection) => {
    const response = await connection.request(`/api/reports/${encodeURIComponent(name)}.${format}?${query}`);
    if (!response.ok || !response.body) throw await failureOf(response);
    if (isStandardOutput(output)) {
      await pipeline(response.body, process.stdout, { end: false });
      return;
    }
    const bytes = await save(response.body, output);
    if (options.json) printJson({ report: name, format, file: output, bytes });
    else process.stdout.write(`${output}: ${bytes} bytes\n`);
  });
}

/** Also by another name, such as /dev/stdout: a line about the report must not end up inside it. */
function isStandardOutput(file: string): boolean {
  if (file === "-") return true;
  const target = statSync(file, { throwIfNoEntry: false });
  const own = fstatSync(1);
  return target?.dev === own.dev && target.ino === own.ino;
}

async function save(body: ReadableStream<Uint8Array>, output: string): Promise<number> {
  try {
    const present = statSync(output, { throwIfNoEntry: false });
    // A device or a pipe takes what is written into it; putting a file in its place would remove it.
    if (present && !present.isFile()) return await write(body, output, "w");
    return await replace(body, behindLinks(output), present);
  } catch (error) {
    throw new CommandFailed(`${output} could not be written: ${messageOf(error)}`);
  }
}

/** A download that is cut off leaves no half a file under the name that was asked for. */
async function replace(
  body: ReadableStream<Uint8Array>,
  file: string,
  present: Stats | undefined,
): Promise<number> {
  const temporary = `${file}.${randomUUID()}.part`;
  const remove = () => rm(temporary, { force: true });
  const stay = beforeLeaving(remove);
  try {
    const bytes = await write(body, temporary, "wx");
    await chmod(temporary, present ? present.mode & 0o777 : chosenMode());
    await rename(temporary, file);
    return bytes;
  } catch (error) {
    await remove();
    throw error;
  } finally {
    stay();
  }
}

async function write(body: ReadableStream<Uint8Array>, file: string, flags: string): Promise<number> {
  const stream = createWriteStream(file, { flags });
  await pipeline(body, stream);
  return stream.bytesWritten;
}

/** Where a symbolic link leads, also one that leads to nothing yet. @throws when links go round in circles */
function behindLinks(file: string): string {
  try {
    return realpathSync(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
  const link = readLink(file);
  return link === null ? file : behindLinks(resolve(dirname(file), link));
}

function readLink(file: string): string | null {
  try {
    return readlinkSync(file);
  } catch {
    return null;
  }
}
