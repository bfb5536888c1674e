import { test as base, expect, type Page } from "@playwright/test";
import { makeHome, startServer, type Home, type Server } from "../test/harness";

export { expect } from "@playwright/test";

type Shared = { home: Home; server: Server };

/** One server for all tests of a file; every page is held to this origin. */
export const test = base.extend<{ open: (path: string) => Promise<Page> }, Shared>({
  home: [
    async ({}, use) => {
      const home = makeHome();
      await use(home);
      home.remove();
    },
    { scope: "worker" },
  ],
  server: [
    async ({ home }, use) => {
      const server = await startServer(home);
      await use(server);
      await server.stop();
    },
    { scope: "worker", timeout: 180_000 },
  ],
  open: async ({ page, server, context }, use) => {
    const foreign: string[] = [];
    const problems: string[] = [];
    context.on("request", (request) => {
      const url = request.url();
      if (!url.startsWith(server.url) && !/^(blob|data):/.test(url)) foreign.push(url);
    });
    page.on("pageerror", (error) => problems.push(error.message));
    page.on("console", (message) => {
      if (/Content Security Policy/i.test(message.text())) problems.push(message.text());
    });
    await use(async (path) => {
      await page.goto(`${server.url}${path}`);
      return page;
    });
    expect(foreign, "requests to other origins").toEqual([]);
    expect(problems, "errors of the page").toEqual([]);
  },
});

/** The number a KPI tile carries, once it is there. */
export async function kpi(page: Page, name: string): Promise<number> {
  const tile = page.getByTestId(`kpi-${name}`);
  await expect(tile).toHaveAttribute("data-value", /\d/);
  return Number(await tile.getAttribute("data-value"));
}

/** Executions the server has recorded so far; tests that share a server count from here. */
export async function recorded(server: Server): Promise<number> {
  const health = (await (await fetch(`${server.url}/api/health`)).json()) as {
    executions: { total: number };
  };
  return health.executions.total;
}

/** Waits until the dashboard counts everything that is recorded. */
export async function expectAllCounted(page: Page, server: Server): Promise<void> {
  await expect(page.getByTestId("kpi-executions")).toHaveAttribute(
    "data-value",
    String(await recorded(server)),
  );
}
