/** Kept for showing, in characters: more makes the page slow, and the end is what people look for. */
export const SHOWN_CHARS_MAX = 400_000;

/** What the page shows of a task's output. `dropped` counts characters left out at the start. */
export type TaskOutput = { text: string; dropped: number; offset: number };

export const EMPTY_OUTPUT: TaskOutput = { text: "", dropped: 0, offset: 0 };

/** A piece of output; `offset` is its event id, which grows with every piece. */
export type OutputChunk = { text: string; offset: number };

/**
 * Adds pieces in order. A repeated offset is a piece sent again after a reconnect and is left out;
 * a smaller one means that the output began anew.
 */
export function appendOutput(output: TaskOutput, chunks: readonly OutputChunk[]): TaskOutput {
  let { text, dropped, offset } = output;
  for (const chunk of chunks) {
    if (chunk.offset === offset) continue;
    if (chunk.offset < offset) {
      text = "";
      dropped = 0;
    }
    text += chunk.text;
    offset = chunk.offset;
  }
  if (text.length <= SHOWN_CHARS_MAX) return { text, dropped, offset };
  const start = lineStartAfter(text, text.length - SHOWN_CHARS_MAX);
  return { text: text.slice(start), dropped: dropped + start, offset };
}

function lineStartAfter(text: string, index: number): number {
  const newline = text.indexOf("\n", index);
  return newline === -1 ? index : newline + 1;
}

// Spelled by code, so that neither this file nor the pattern holds control characters.
const ESC = String.fromCharCode(0x1b);
const BEL = String.fromCharCode(0x07);
// CSI and OSC sequences, then lone two-character escapes.
const TERMINAL_SEQUENCE = new RegExp(
  `${ESC}(?:\\[[0-?]*[ -/]*[@-~]|\\][^${BEL}${ESC}]*(?:${BEL}|${ESC}\\\\)|[@-Z\\\\-_])`,
  "g",
);

/** Output as a terminal would leave it: without colours, progress lines reduced to their last state. */
export function readableOutput(text: string): string {
  const plain = text.replace(TERMINAL_SEQUENCE, "").replaceAll("\r\n", "\n");
  if (!plain.includes("\r")) return plain;
  return plain
    .split("\n")
    .map((line) => line.slice(line.lastIndexOf("\r", line.length - 2) + 1))
    .join("\n");
}

const CUT_MARK = /^\[([\d,]+) bytes of output cut here\]$/m;

/** How much of the middle the server did not keep, as the mark in the output gives it; null when all is there. */
export function cutBytes(text: string): number | null {
  const found = CUT_MARK.exec(text)?.[1];
  return found === undefined ? null : Number(found.replaceAll(",", ""));
}
