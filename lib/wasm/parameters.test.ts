import { describe, expect, it } from "vitest";
import { bindParameters } from "./parameters";

describe("named parameters", () => {
  it("become numbered ones in order of appearance, one for each name", () => {
    expect(bindParameters("SELECT $b, $a, $b", { a: 1, b: "x" })).toEqual({
      text: "SELECT $1, $2, $1",
      values: ["x", 1],
    });
  });

  it("are not looked for in quoted text and comments", () => {
    const sql = `SELECT '$a it''s $a', "$a" -- $a\n/* $a */ FROM t WHERE x = $a`;
    expect(bindParameters(sql, { a: null })).toEqual({
      text: sql.replace("x = $a", "x = $1"),
      values: [null],
    });
  });

  it("must all have a value, and every value a parameter", () => {
    expect(() => bindParameters("SELECT $a", {})).toThrow("needs a value for $a");
    expect(() => bindParameters("SELECT 1", { b: 1 })).toThrow("has no parameter $b");
  });
});
