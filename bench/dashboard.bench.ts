// The dashboard's statements in the browser's database, against DuckDB itself on the same Parquet parts.
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium, type Browser, type Page } from "@playwright/test";
import { DuckDBInstance, type DuckDBConnection } from "@duckdb/node-api";
import type { Manifest } from "@/lib/shape/manifest";
import { DASHBOARD_COLUMNS } from "@/lib/wasm/columns";
import type { Row } from "@/lib/wasm/rows";
import type { Ask } from "@/lib/wasm/statement";
import { applicationRoot } from "@/server/settings/paths";
import type {} from "./dashboard.page";
import { QUESTIONS, type Question } from "./dashboard-questions";
import { DAYS, END_MS, openHistory, openPublisher, START_MS } from "./history";
import { alternate, isQuick, median, ms, progress, reportDuration, timed } from "./measure";
import { serveStatic } from "./static-server";
import { withTempFolder } from "./temp-folder";

const ROWS = isQuick ? 200_000 : 1_000_000;
const LOAD_ROUNDS = isQuick ? 1 : 3;
const ROUNDS = isQuick ? 3 : 11;
const RANGE = { from_ms: START_MS, to_ms: END_MS };
const NAMES = Object.keys(QUESTIONS) as Question[];
const HTML = '<!doctype html><title>bench</title><script src="/bench/dashboard.page.js"></script>';
// One thread, as the browser's database has.
const NATIVE_OPTIONS = { threads: "1" };

await withTempFolder(async (folder) => {
  const { database, snapshots } = await openHistory(folder, ROWS);
  const publisher = await openPublisher(database, snapshots);
  const manifest = await publisher.publish();
  await publisher.stop();
  await database.close();

  const root = applicationRoot();
  const server = await serveStatic(HTML, {
    "/duckdb/": join(root, "public", "duckdb"),
    "/api/snapshots/": snapshots,
    "/bench/": dirname(fileURLToPath(import.meta.url)),
  });
  const browser = await openBrowser();
  try {
    const parts = manifest.tables.executions?.parts.map((part) => join(snapshots, part.file)) ?? [];
    const opened = await measureLoad(browser, server.url, parts, manifest);
    await measureQuestions(opened.page, opened.native.connection);
    opened.native.close();
  } finally {
    await browser.close();
    await server.close();
  }
});

type Native = { connection: DuckDBConnection; close: () => void };
type Opened = { page: Page; native: Native };

/** Measures loading in a new page and in a new database each time, and leaves the last ones open. */
async function measureLoad(
  browser: Browser,
  url: string,
  parts: string[],
  manifest: Manifest,
): Promise<Opened> {
  const firsts: number[] = [];
  let page: Page | undefined;
  let native: Native | undefined;
  const jobs = {
    native: async () => {
      native?.close();
      native = await openNative();
      return loadNative(native.connection, parts);
    },
    browser: async () => {
      await page?.close();
      page = await browser.newPage();
      await page.goto(url);
      const { first, all, rows } = await page.evaluate(() => window.poolwiseBench.load());
      if (rows !== ROWS) throw new Error(`The page shows ${rows} of ${ROWS} rows.`);
      firsts.push(first);
      return all;
    },
  };
  const loads = await alternate(LOAD_ROUNDS, jobs, { warmUp: !isQuick });
  if (page === undefined || native === undefined) throw new Error("Nothing was loaded.");
  const bytes = manifest.tables.executions?.parts.reduce((sum, part) => sum + part.bytes, 0) ?? 0;
  reportDuration({
    what: `load ${ROWS.toLocaleString("en")} rows, ${DAYS} parts`,
    unit: "ms",
    figures: loads.browser,
    raws: loads.native,
    rawWhat: "CREATE TABLE AS SELECT the same columns FROM read_parquet",
    note: `${(bytes / 1e6).toFixed(0)} MB of parts, starting the database included; first view after ${ms(median(firsts))}`,
  });
  return { page, native };
}

async function openNative(): Promise<Native> {
  const instance = await DuckDBInstance.create(":memory:", NATIVE_OPTIONS);
  const connection = await instance.connect();
  return {
    connection,
    close: () => {
      connection.closeSync();
      instance.closeSync();
    },
  };
}

async function loadNative(connection: DuckDBConnection, parts: string[]): Promise<number> {
  const columns = DASHBOARD_COLUMNS.executions?.join(", ") ?? "";
  const files = parts.map((part) => `'${part}'`).join(", ");
  return timed(() =>
    connection.run(`CREATE TABLE executions AS SELECT ${columns} FROM read_parquet([${files}])`),
  );
}

async function measureQuestions(page: Page, connection: DuckDBConnection): Promise<void> {
  const ask: Ask = async (sql, parameters) => {
    const reader = await connection.runAndReadAll(sql, { ...parameters });
    return reader.getRowObjectsJS() as Row[];
  };
  const sums = { browser: 0, native: 0 };
  for (const question of NAMES) {
    let nativeRows = 0;
    let browserRows = 0;
    const measured = await alternate(ROUNDS, {
      native: () => timed(async () => (nativeRows = await QUESTIONS[question](ask, RANGE))),
      browser: async () => {
        const answer = await page.evaluate((asked) => window.poolwiseBench.ask(asked), {
          question,
          range: RANGE,
        });
        browserRows = answer.rows;
        return answer.took;
      },
    });
    if (nativeRows !== browserRows)
      throw new Error(`${question}: ${browserRows} rows in the browser, ${nativeRows} outside.`);
    sums.browser += median(measured.browser);
    sums.native += median(measured.native);
    reportDuration({
      what: question,
      unit: "ms",
      figures: measured.browser,
      raws: measured.native,
      rawWhat: "DuckDB, one thread",
    });
  }
  reportDuration({
    what: `all ${NAMES.length} statements, one after the other`,
    unit: "ms",
    figures: [sums.browser],
    raws: [sums.native],
    rawWhat: "DuckDB, one thread",
    note: `over ${ROWS.toLocaleString("en")} rows`,
  });
}

async function openBrowser(): Promise<Browser> {
  const installed = [process.env.CHROMIUM_PATH, "/usr/bin/chromium"].find((path) => path && existsSync(path));
  const browser = await chromium.launch(installed ? { executablePath: installed } : {});
  progress(`Chromium ${browser.version()}`);
  return browser;
}
