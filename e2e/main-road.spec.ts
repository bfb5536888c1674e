import { readFileSync } from "node:fs";
import { DuckDBInstance } from "@duckdb/node-api";
import { ended, submit } from "../test/harness";
import { expect, kpi, recorded, test } from "./fixtures";

test("before the first task the dashboard says how to submit one", async ({ open }) => {
  const page = await open("/");
  await expect(page.getByText(/no executions yet|first task/i).first()).toBeVisible();
  await expect(page.locator('a[href="/tasks/new"]').first()).toBeVisible();
});

test("a submitted task runs, succeeds, and is counted without a reload", async ({
  open,
  server,
  context,
}) => {
  await ended(server, await submit(server, { recipe: "say", prompt: "first" }));
  const dashboard = await open("/");
  await expect(dashboard.getByTestId("kpi-executions")).toHaveAttribute("data-value", "1");
  const generation = Number(await dashboard.getByTestId("snapshot-generation").getAttribute("data-value"));

  const page = await context.newPage();
  await page.goto(`${server.url}/tasks/new`);
  const form = page.getByTestId("submit-task-form");
  await form.getByLabel("Repository").selectOption("work");
  await form.getByLabel("Recipe").first().selectOption("wait");
  await form.getByLabel("Prompt").fill("2");
  await expect(page.getByTestId("panel-route-preview")).toContainText("small");
  await form.getByRole("button", { name: /submit/i }).click();
  await page.waitForURL(/\/tasks\/[0-9a-f-]{36}$/);
  await expect(page.getByTestId("task-status")).toHaveText("running");
  await expect(page.getByTestId("task-status")).toHaveText("succeeded");
  await expect(page.getByTestId("task-decision")).toContainText("small");

  await expect(dashboard.getByTestId("kpi-executions")).toHaveAttribute("data-value", "2");
  expect(await kpi(dashboard, "success-rate")).toBe(100);
  expect(
    Number(await dashboard.getByTestId("snapshot-generation").getAttribute("data-value")),
  ).toBeGreaterThan(generation);
  for (const panel of [
    "executions-over-time",
    "success-rate-over-time",
    "success-by-tier",
    "cost-by-tier",
    "pool-comparison",
    "top-errors",
    "latest-executions",
  ]) {
    await expect(dashboard.getByTestId(`panel-${panel}`)).toBeVisible();
  }
  await expect(dashboard.getByTestId("panel-latest-executions").getByRole("link").nth(1)).toBeVisible();
});

test("a failed task shows what happened and is counted as a failure", async ({ open, server }) => {
  const id = await submit(server, { recipe: "fail" });
  const page = await open(`/tasks/${id}`);
  await expect(page.getByTestId("task-status")).toHaveText("failed");
  await expect(page.getByTestId("panel-error")).toContainText("boom");
  await expect(page.getByTestId("task-output")).toContainText("boom");
  await page.goto(`${server.url}/`);
  await expect(page.getByTestId("kpi-executions")).toHaveAttribute("data-value", "3");
  expect(await kpi(page, "success-rate")).toBeCloseTo(66.67, 0);
  await expect(page.getByTestId("panel-top-errors")).toContainText(/unknown/i);
});

test("a prompt that nothing can answer is refused on the form, with what is available, and what was typed stays", async ({
  open,
}) => {
  const page = await open("/tasks/new");
  const form = page.getByTestId("submit-task-form");
  await form.getByLabel("Repository").selectOption("work");
  await form.getByLabel("Prompt").fill("write a poem about pools");
  await form.getByRole("button", { name: /submit/i }).click();
  await expect(form.getByRole("alert").first()).toContainText(/Available: the command worker/);
  await expect(form.getByLabel("Prompt")).toHaveValue("write a poem about pools");
  await expect(page).toHaveURL(/\/tasks\/new/);
});

test("output is live while a task runs, and cancelling ends it", async ({ open, server }) => {
  const id = await submit(server, { recipe: "wait", prompt: "60" });
  const page = await open(`/tasks/${id}`);
  await expect(page.getByTestId("task-status")).toHaveText("running");
  await page
    .getByRole("button", { name: /cancel/i })
    .first()
    .click();
  const confirm = page.getByRole("dialog").getByRole("button", { name: /cancel|stop/i });
  if (
    await confirm
      .first()
      .isVisible()
      .catch(() => false)
  )
    await confirm.first().click();
  await expect(page.getByTestId("task-status")).toHaveText("cancelled");
});

test("a rating is kept", async ({ open, server }) => {
  const id = await submit(server, { recipe: "say", prompt: "rate me" });
  await ended(server, id);
  const page = await open(`/tasks/${id}`);
  await expect(page.getByTestId("task-output")).toContainText("rate me");
  await page.getByRole("button", { name: /^good$/i }).click();
  const send = page.getByRole("button", { name: /save|send|submit rating/i });
  if (
    await send
      .first()
      .isVisible()
      .catch(() => false)
  )
    await send.first().click();
  await expect
    .poll(
      async () =>
        ((await (await fetch(`${server.url}/api/tasks/${id}`)).json()) as { user_rating: number })
          .user_rating,
    )
    .toBe(4);
});

test("reports download as CSV and Parquet and hold the same rows", async ({ open, server }) => {
  const total = await recorded(server);
  const page = await open("/reports");
  const rows: Record<string, number> = {};
  for (const format of ["csv", "parquet"]) {
    await page
      .getByTestId("panel-report")
      .getByText(new RegExp(`^${format}$`, "i"))
      .first()
      .click();
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("link", { name: /download/i }).click(),
    ]);
    expect(download.suggestedFilename()).toMatch(new RegExp(`^poolwise-executions-.*\\.${format}$`));
    rows[format] = await countRows(await download.path(), format);
  }
  expect(rows).toEqual({ csv: total, parquet: total });
});

async function countRows(file: string, format: string): Promise<number> {
  if (format === "csv") expect(readFileSync(file, "utf8")).toMatch(/^task_id,timestamp,/);
  const instance = await DuckDBInstance.create();
  const connection = await instance.connect();
  const source = format === "csv" ? "read_csv" : "read_parquet";
  const reader = await connection.runAndReadAll(`SELECT count(*)::INTEGER AS n FROM ${source}('${file}')`);
  return Number(reader.getRows()[0]?.[0]);
}

test("the settings page shows where each value came from", async ({ open, home }) => {
  const page = await open("/settings");
  const row = page.getByRole("row", { name: /repos\.work\.path/ });
  await expect(row).toContainText("local.yaml");
  await expect(row).toContainText(home.repo);
  await expect(page.getByRole("row", { name: /learning\.retention_days/ })).toContainText("standard.yaml");
});
