import "server-only";
import { readFileSync } from "node:fs";
import { isAlias, isMap, isScalar, isSeq, parseDocument, type Document } from "yaml";
import { messageOf } from "@/lib/errors";
import { show } from "./secrets";
import { isTree, newTree, type Tree } from "./tree";

/** Deeper than any setting; what refers to itself never ends. */
const DEPTH_MAX = 20;

/** A settings file as a tree; a file that is not there is an empty one. What is wrong goes to `problems`. */
export function readYaml(file: string, problems: string[]): Tree | null {
  const text = readText(file, problems);
  if (text === null) return null;
  const value = parseYaml(text, [], (key, problem) =>
    problems.push(`${file}: ${key ? `${key}: ` : ""}${problem}`),
  );
  if (value === null || value === undefined) return newTree();
  if (isTree(value)) return value;
  problems.push(`${file}: found ${show([], value)}, expected sections with keys`);
  return newTree();
}

function readText(file: string, problems: string[]): string | null {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") return null;
    problems.push(
      code === "EISDIR"
        ? `${file}: found a folder, expected a file`
        : `${file}: cannot be read: ${messageOf(error)}`,
    );
    return "";
  }
}

type OnProblem = (key: string, problem: string) => void;

/** What the text says, or undefined when it is not valid; every problem is told with its dotted key. */
export function parseYaml(text: string, path: string[], onProblem: OnProblem): unknown {
  const document = parseDocument(text);
  for (const error of document.errors)
    onProblem(path.join("."), `not valid YAML: ${error.message.split("\n")[0] ?? ""}`);
  if (document.errors.length > 0) return undefined;
  return read(document.contents, path, document, onProblem);
}

/** Node by node rather than at once, so that what is wrong with one of them is said with its key. */
function read(node: unknown, path: string[], document: Document, onProblem: OnProblem): unknown {
  if (path.length > DEPTH_MAX) return refuse(path, onProblem);
  if (isMap(node)) {
    const tree = newTree();
    for (const { key, value } of node.items) {
      const name = String(isScalar(key) ? key.value : key);
      put(tree, name, path, onProblem, (inside) => read(value, inside, document, onProblem));
    }
    return tree;
  }
  if (isSeq(node)) return node.items.map((item, i) => read(item, [...path, String(i)], document, onProblem));
  if (isScalar(node)) return node.value;
  if (!isAlias(node)) return null;
  try {
    // Counts what the alias stands for, and throws when that explodes.
    return copy(node.toJS(document), path, onProblem);
  } catch (error) {
    onProblem(path.join("."), `not valid YAML: ${messageOf(error)}`);
    return undefined;
  }
}

function copy(value: unknown, path: string[], onProblem: OnProblem): unknown {
  if (path.length > DEPTH_MAX) return refuse(path, onProblem);
  if (Array.isArray(value)) return value.map((item, i) => copy(item, [...path, String(i)], onProblem));
  if (!isTree(value)) return value;
  const tree = newTree();
  for (const [name, item] of Object.entries(value))
    put(tree, name, path, onProblem, (inside) => copy(item, inside, onProblem));
  return tree;
}

function put(
  tree: Tree,
  name: string,
  path: string[],
  onProblem: OnProblem,
  valueAt: (path: string[]) => unknown,
): void {
  const inside = [...path, name];
  // Whoever copies the settings into a plain object would change every object of the program with it.
  if (name === "__proto__") onProblem(inside.join("."), "found a key that cannot be used, expected another");
  else tree[name] = valueAt(inside);
}

function refuse(path: string[], onProblem: OnProblem): undefined {
  const start = path.slice(0, 3).join(".");
  onProblem(start, `found something that refers to itself or is nested more than ${DEPTH_MAX} deep`);
  return undefined;
}
