import { mkdtempSync, rmSync } from "node:fs";
import { randomUUID } from "node:crypto";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { OutputLogs } from "./output-log";

test("whatever is written in whatever pieces is read back as the same text, never cut inside a character", async () => {
  const dir = mkdtempSync(join(tmpdir(), "poolwise-log-"));
  const logs = new OutputLogs(dir);
  try {
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit: "grapheme", maxLength: 200 }),
        fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1 }),
        async (text, sizes) => {
          const id = randomUUID();
          const bytes = Buffer.from(text);
          const writer = await logs.openForAppend(id, (error) => {
            throw error;
          });
          let read = "";
          let offset = 0;
          for (let at = 0, i = 0; at < bytes.length; i++) {
            const size = sizes[i % sizes.length] ?? 1;
            writer.append(bytes.subarray(at, at + size));
            at += size;
            const next = await logs.read(id, offset);
            read += next.text;
            offset = next.next;
          }
          await writer.close();
          read += (await logs.read(id, offset)).text;
          expect(read).toBe(text);
          expect(writer.bytes).toBe(bytes.length);
        },
      ),
      { numRuns: 50 },
    );
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
});

test("a second attempt goes on behind the first", async () => {
  const dir = mkdtempSync(join(tmpdir(), "poolwise-log-"));
  const logs = new OutputLogs(dir);
  for (const line of ["one", "two"]) {
    const writer = await logs.openForAppend("t", (error) => {
      throw error;
    });
    writer.line(line);
    await writer.close();
  }
  expect(await logs.read("t", 0)).toEqual({ text: "one\ntwo\n", next: 8 });
  expect(await logs.read("unknown", 5)).toEqual({ text: "", next: 5 });
  rmSync(dir, { recursive: true, force: true });
});
