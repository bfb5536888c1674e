import "server-only";

/** Sections and keys as they were read. Made by `newTree`, so a key such as `constructor` is only ever its own. */
export type Tree = { [key: string]: unknown };

export function newTree(): Tree {
  return Object.create(null) as Tree;
}

export function isTree(value: unknown): value is Tree {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}

/** The value at a path; undefined where there is none. */
export function at(tree: unknown, path: string[]): unknown {
  let node = tree;
  for (const key of path) {
    if (node === null || typeof node !== "object" || !Object.hasOwn(node, key)) return undefined;
    node = (node as Tree)[key];
  }
  return node;
}
