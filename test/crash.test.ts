import { expect, test } from "vitest";
import {
  poolwise,
  publishedExecutions,
  allTasks,
  ended,
  eventually,
  getTask,
  makeHome,
  startServer,
  submit,
} from "./harness";

test("SIGKILL amid 50 running tasks loses no acknowledged task and no acknowledged execution", async () => {
  const home = makeHome("pools:\n  definitions:\n    - { name: local, min_workers: 50, max_workers: 50 }\n");
  try {
    const first = await startServer(home);
    const done = await Promise.all(
      Array.from({ length: 20 }, (_, i) => submit(first, { recipe: "say", prompt: `done ${i}` })),
    );
    for (const id of done) expect((await ended(first, id)).status).toBe("succeeded");
    const repeatable = await Promise.all(
      Array.from({ length: 40 }, () => submit(first, { recipe: "wait", prompt: "2" })),
    );
    const once = await Promise.all(
      Array.from({ length: 10 }, () => submit(first, { recipe: "wait-once", prompt: "2" })),
    );
    const queued = await Promise.all(
      Array.from({ length: 15 }, () => submit(first, { recipe: "say", prompt: "later" })),
    );
    await eventually(
      "50 running tasks",
      async () => (await allTasks(first)).filter((task) => task.status === "running").length === 50,
    );
    await first.stop("SIGKILL");

    const second = await startServer(home);
    for (const id of done)
      expect(await getTask(second, id)).toMatchObject({
        status: "succeeded",
        attempts: [{ execution_id: id, success: true }],
      });
    for (const id of repeatable) {
      const task = await ended(second, id);
      expect(task).toMatchObject({ status: "succeeded", attempt: 2 });
      expect(task.attempts.map(({ error_type, success }) => [error_type, success])).toEqual([
        ["crash", false],
        [null, true],
      ]);
      expect(task.attempts[1]?.execution_id).toBe(id);
    }
    for (const id of once) {
      expect(await getTask(second, id)).toMatchObject({
        status: "interrupted",
        attempts: [{ execution_id: id, error_type: "crash" }],
      });
    }
    for (const id of queued) expect((await ended(second, id)).status).toBe("succeeded");
    expect(await allTasks(second)).toHaveLength(85);

    // Every attempt is in the snapshot the last stop publishes, each once.
    expect(await second.stop("SIGTERM")).toBe(0);
    expect(publishedExecutions(home)).toBe(20 + 40 * 2 + 10 + 15);
    const listed = await poolwise(home, ["task", "list", "--limit", "500", "--json"]);
    expect((JSON.parse(listed.stdout) as { tasks: unknown[] }).tasks).toHaveLength(85);
  } finally {
    home.remove();
  }
}, 120_000);

test("a task that waits when the server is told to stop is there and runs after the next start", async () => {
  const home = makeHome(
    "pools:\n  definitions:\n    - { name: local, min_workers: 1, max_workers: 1 }\nserver:\n  shutdown_grace_seconds: 0.2\n",
  );
  try {
    const first = await startServer(home);
    const running = await submit(first, { recipe: "wait", prompt: "3" });
    const waiting = await submit(first, { recipe: "say", prompt: "hello" });
    await eventually("the first to run", async () => (await getTask(first, running)).status === "running");
    expect(await first.stop("SIGTERM")).toBe(0);
    const second = await startServer(home);
    expect((await ended(second, running)).status).toBe("succeeded");
    expect((await ended(second, waiting)).status).toBe("succeeded");
    expect((await getTask(second, running)).attempts.map((attempt) => attempt.success)).toEqual([
      false,
      true,
    ]);
    await second.stop();
  } finally {
    home.remove();
  }
}, 60_000);
