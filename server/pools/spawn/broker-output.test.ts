import fc from "fast-check";
import { expect, test } from "vitest";
import { createCappedOutput } from "./broker-output";

function cap(limit: number, chunks: Uint8Array[]) {
  const out: Uint8Array[] = [];
  const output = createCappedOutput(limit, (chunk) => out.push(Uint8Array.from(chunk)));
  for (const chunk of chunks) output.push(chunk);
  return { ...output.finish(), text: Buffer.concat(out).toString() };
}

test("whatever the pieces, ASCII output is kept whole, or its two ends are", () => {
  const piece = fc.string({ unit: "grapheme-ascii", maxLength: 30 });
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 60 }), fc.array(piece, { maxLength: 20 }), (limit, pieces) => {
      const whole = pieces.join("");
      const result = cap(
        limit,
        pieces.map((text) => Buffer.from(text)),
      );
      expect(result.outputBytes).toBe(whole.length);
      expect(result.truncatedBytes).toBe(Math.max(0, whole.length - limit));
      const head = Math.floor(limit / 2);
      const note = `\n[${result.truncatedBytes} bytes of output cut here]\n`;
      const ends = whole.slice(0, head) + note + whole.slice(whole.length - (limit - head));
      expect(result.text).toBe(whole.length <= limit ? whole : ends);
    }),
  );
});

test("a cut never splits a character", () => {
  for (let limit = 0; limit < 40; limit++) {
    for (const character of ["é", "€", "😀"]) {
      const { text, outputBytes, truncatedBytes } = cap(limit, [Buffer.from(character.repeat(50))]);
      expect(text).not.toContain("\uFFFD");
      expect(outputBytes - truncatedBytes).toBeLessThanOrEqual(limit);
    }
  }
});
