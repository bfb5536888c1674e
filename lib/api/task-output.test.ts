import { describe, expect, test } from "vitest";
import { appendOutput, cutBytes, EMPTY_OUTPUT, readableOutput, SHOWN_CHARS_MAX } from "./task-output";

describe("appendOutput", () => {
  test("keeps pieces in order", () => {
    const output = appendOutput(EMPTY_OUTPUT, [
      { text: "one\n", offset: 4 },
      { text: "two\n", offset: 8 },
    ]);
    expect(output).toEqual({ text: "one\ntwo\n", dropped: 0, offset: 8 });
  });

  test("shows a piece once when a reconnect sends it again", () => {
    const before = appendOutput(EMPTY_OUTPUT, [{ text: "one\n", offset: 4 }]);
    const after = appendOutput(before, [
      { text: "one\n", offset: 4 },
      { text: "two\n", offset: 8 },
    ]);
    expect(after.text).toBe("one\ntwo\n");
  });

  test("starts over when the output began anew", () => {
    const before = appendOutput(EMPTY_OUTPUT, [{ text: "first attempt\n", offset: 14 }]);
    expect(appendOutput(before, [{ text: "second\n", offset: 7 }]).text).toBe("second\n");
  });

  test("keeps the end of a long output, from the start of a line, and counts what it left out", () => {
    const line = `${"x".repeat(99)}\n`;
    const text = line.repeat(SHOWN_CHARS_MAX / 100 + 5);
    const output = appendOutput(EMPTY_OUTPUT, [{ text, offset: text.length }]);
    expect(output.text.length + output.dropped).toBe(text.length);
    expect(output.text.length).toBeLessThanOrEqual(SHOWN_CHARS_MAX);
    expect(output.text.startsWith("x".repeat(99))).toBe(true);
    expect(text.endsWith(output.text)).toBe(true);
  });
});

describe("readableOutput", () => {
  test("removes colours, titles and cursor movements", () => {
    expect(readableOutput("\u001b[31mred\u001b[0m \u001b]0;title\u0007plain\u001b[2K")).toBe("red plain");
  });

  test("shows a progress line in its last state", () => {
    expect(readableOutput("start\n 10%\r 50%\r100%\ndone\r\n")).toBe("start\n100%\ndone\n");
  });

  test("leaves ordinary text as it is", () => {
    const text = "src/a.ts:1:2 error [x] ü\n\ttab\n";
    expect(readableOutput(text)).toBe(text);
  });
});

test("a cut is read from the server's mark, and only from a line of its own", () => {
  expect(cutBytes("start\n[1,234,567 bytes of output cut here]\nend\n")).toBe(1_234_567);
  expect(cutBytes("echo '[12 bytes of output cut here]'\n")).toBeNull();
});
