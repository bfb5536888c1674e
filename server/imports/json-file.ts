import "server-only";
import { createReadStream, readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { messageOf } from "@/lib/errors";
import { WrongInput } from "./item";

export type JsonLine = { line: number; value: unknown } | { line: number; damage: string };

/** Each line of a file that is not empty, parsed; a line that is not JSON says so instead. */
export async function* jsonLines(file: string): AsyncGenerator<JsonLine> {
  const lines = createInterface({ input: createReadStream(file, "utf8"), crlfDelay: Infinity });
  let line = 0;
  for await (const content of lines) {
    line += 1;
    const text = content.replace(/^\uFEFF/, "").trim();
    if (text !== "") yield parseLine(text, line);
  }
}

/** The file as one JSON document, or else each of its lines as one. @throws WrongInput when it is neither */
export async function* jsonDocuments(file: string): AsyncGenerator<JsonLine> {
  const document = parseWhole(file);
  if (!("damage" in document)) {
    yield { line: 1, value: document.value };
    return;
  }
  const lines: JsonLine[] = [];
  let good = 0;
  for await (const line of jsonLines(file)) {
    lines.push(line);
    if ("value" in line && typeof line.value === "object") good += 1;
  }
  if (good === 0) throw new WrongInput(`${file} is not JSON: ${document.damage}`);
  yield* lines;
}

function parseWhole(file: string): { value: unknown } | { damage: string } {
  try {
    return { value: JSON.parse(readFileSync(file, "utf8").replace(/^\uFEFF/, "")) as unknown };
  } catch (error) {
    return { damage: messageOf(error) };
  }
}

function parseLine(text: string, line: number): JsonLine {
  try {
    return { line, value: JSON.parse(text) as unknown };
  } catch (error) {
    return { line, damage: `is not JSON: ${messageOf(error)}` };
  }
}
