import AxeBuilder from "@axe-core/playwright";
import { ended, submit } from "../test/harness";
import { expect, expectAllCounted, test } from "./fixtures";

const PAGES = ["/", "/tasks", "/tasks/new", "/pools", "/reports", "/monitoring", "/settings"];

test.beforeAll(async ({ server }) => {
  for (const task of [{ recipe: "say", prompt: "hello" }, { recipe: "fail" }])
    await ended(server, await submit(server, task));
});

for (const colorScheme of ["light", "dark"] as const) {
  test(`every page is readable and free of serious accessibility faults in ${colorScheme} mode`, async ({
    open,
    page,
    server,
  }) => {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    const { tasks } = (await (await fetch(`${server.url}/api/tasks`)).json()) as {
      tasks: { task_id: string }[];
    };
    for (const path of [...PAGES, `/tasks/${tasks[0]?.task_id ?? ""}`]) {
      await open(path);
      if (path === "/") await expectAllCounted(page, server);
      await expect(page.locator("html")).toHaveAttribute("data-mantine-color-scheme", colorScheme);
      const { violations } = await new AxeBuilder({ page }).analyze();
      const serious = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
      expect(serious.map(({ id, nodes }) => `${path} ${id}: ${nodes[0]?.html ?? ""}`)).toEqual([]);
    }
  });
}

test("at 390 px nothing sticks out sideways and the navigation is reachable", async ({
  open,
  page,
  server,
}) => {
  await page.setViewportSize({ width: 390, height: 844 });
  for (const path of PAGES) {
    await open(path);
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    expect(width, path).toBeLessThanOrEqual(390);
  }
  await open("/");
  await expectAllCounted(page, server);
});

test("a browser without WebAssembly is told so, and where else the numbers are", async ({ open, page }) => {
  await page.addInitScript(() => Object.defineProperty(window, "WebAssembly", { value: undefined }));
  await open("/");
  await expect(page.getByText(/WebAssembly/).first()).toBeVisible();
  await expect(
    page
      .getByRole("main")
      .getByRole("link", { name: /report/i })
      .first(),
  ).toBeVisible();
});

test("a snapshot that cannot be had is an error with a way out, which works", async ({
  open,
  page,
  server,
}) => {
  let broken = true;
  await page.route("**/api/snapshots/manifest.json", (route) =>
    broken ? route.fulfill({ status: 500, body: "{}" }) : route.continue(),
  );
  await open("/");
  const retry = page.getByRole("button", { name: /try again|retry/i }).first();
  await expect(retry).toBeVisible();
  broken = false;
  await retry.click();
  await expectAllCounted(page, server);
});

test("the time range is in the address and survives a reload", async ({ open, page, server }) => {
  await open("/");
  await expectAllCounted(page, server);
  await page.getByText("7d", { exact: true }).click();
  await expect(page).toHaveURL(/7d/);
  await page.reload();
  await expect(page).toHaveURL(/7d/);
  await expectAllCounted(page, server);
});

test("a task that does not exist is said so", async ({ open, page }) => {
  await open("/tasks/00000000-0000-4000-8000-000000000000");
  await expect(page.getByText(/does not exist|not found|no such task/i).first()).toBeVisible();
});

test("the main thread is not blocked while the snapshot loads", async ({ open, page, server }) => {
  await page.addInitScript(() => {
    const longest = { ms: 0 };
    Object.assign(window, { longest });
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) longest.ms = Math.max(longest.ms, entry.duration);
    }).observe({ entryTypes: ["longtask"] });
  });
  await open("/");
  await expectAllCounted(page, server);
  // Loading 34 MB of WebAssembly on the main thread would take seconds; start-up work of the page does not.
  expect(
    await page.evaluate(() => (window as unknown as { longest: { ms: number } }).longest.ms),
  ).toBeLessThan(1_500);
});
