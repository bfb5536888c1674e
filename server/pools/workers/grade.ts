import "server-only";
import { StringDecoder } from "node:string_decoder";
import { stripVTControlCharacters } from "node:util";
import type { Quality } from "./recipe-schema";

export type OutputReader = {
  push: (chunk: Uint8Array) => void;
  /** The last lines that are not blank, without colours, for an error message. */
  lastLines: () => string[];
  /** 0–100, or null when nothing grades the recipe. `passed` tells by the exit code. */
  score: (passed: boolean) => number | null;
};

const LAST_LINES = 3;
/** Longer lines are data, not findings, and would make a pattern slow. */
const LINE_MAX_CHARS = 2_000;

/** Reads output as it streams and keeps only what the result needs. */
export function createOutputReader(quality: Quality | undefined): OutputReader {
  const decoder = new StringDecoder("utf8");
  const pattern = quality?.kind === "findings" && quality.pattern ? new RegExp(quality.pattern) : /\S/;
  let unfinished = "";
  let findings = 0;
  let last: string[] = [];

  function take(raw: string): void {
    const line = stripVTControlCharacters(raw).slice(0, LINE_MAX_CHARS).trimEnd();
    if (line === "") return;
    if (pattern.test(line)) findings++;
    last = [...last, line].slice(-LAST_LINES);
  }

  function push(chunk: Uint8Array): void {
    const lines = (unfinished + decoder.write(Buffer.from(chunk))).split("\n");
    unfinished = (lines.pop() ?? "").slice(0, LINE_MAX_CHARS * 2);
    for (const line of lines) take(line);
  }

  function end(): void {
    take(unfinished + decoder.end());
    unfinished = "";
  }

  return {
    push,
    lastLines: () => {
      end();
      return last;
    },
    score: (passed) => {
      end();
      if (quality === undefined) return null;
      if (quality.kind === "exit_code") return passed ? 100 : 0;
      // It failed of something that the pattern does not know, such as a tool that could not start.
      if (!passed && findings === 0) return null;
      return Math.round(Math.max(0, 100 - findings * quality.per_finding));
    },
  };
}
