import "server-only";
import { parseYaml } from "./read-yaml";
import { at, isTree, newTree, type Tree } from "./tree";

/** Read by other parts of the program; none of them is a setting. */
const OTHER_VARIABLES = [
  "POOLWISE_DATA_DIR",
  "POOLWISE_SETTINGS_DIR",
  "POOLWISE_URL",
  "POOLWISE_TOKEN",
] as const;
/** Set by Poolwise itself for the processes it starts. */
const OWN_VARIABLES = new Set(["POOLWISE_ATTEMPT", "POOLWISE_UMASK"]);
const PLAIN_VARIABLES = { PORT: "port", HOST: "host" } as const;
const SETTING_VARIABLE = /^POOLWISE_([A-Z0-9]+(?:_[A-Z0-9]+)*)__(.+)$/;
/** What Kubernetes puts into every container for a service that happens to be named "poolwise". */
const SERVICE_VARIABLE = /^POOLWISE_(?:SERVICE_(?:HOST|PORT)(?:_\w+)?|PORT_\d+_\w+)$/;

export type EnvironmentLayer = {
  tree: Tree;
  /** Dotted key -> the variable that set it. */
  names: Map<string, string>;
};

/** Settings in the environment. What is wrong with them goes to `problems`, each with its variable. */
export function readEnvironment(
  env: NodeJS.ProcessEnv,
  standard: Tree,
  problems: string[],
): EnvironmentLayer {
  const layer: EnvironmentLayer = { tree: newTree(), names: new Map() };
  for (const [variable, key] of Object.entries(PLAIN_VARIABLES)) {
    const text = env[variable];
    if (text) put(layer, ["server", key], plainValue(key, text));
    if (text) layer.names.set(`server.${key}`, variable);
  }
  for (const [variable, text] of Object.entries(env).sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (!variable.startsWith("POOLWISE_") || !text) continue;
    const match = SETTING_VARIABLE.exec(variable);
    if (match === null) {
      refuseUnknown(variable, text, standard, problems);
      continue;
    }
    const keys = [match[1] ?? "", ...(match[2] ?? "").split("__")].map((key) => key.toLowerCase());
    take(layer, keys, { variable, text, standard, problems });
  }
  return layer;
}

type Given = { variable: string; text: string; standard: Tree; problems: string[] };

function take(layer: EnvironmentLayer, keys: string[], { variable, text, standard, problems }: Given): void {
  const key = keys.join(".");
  const other = conflicting(layer.names, key);
  if (other !== null) {
    problems.push(`${variable}: ${key}: found beside ${other}, expected only one of them`);
    return;
  }
  const value =
    typeof at(standard, keys) === "string"
      ? text
      : parseValue(text, keys, (inside, problem) => problems.push(`${variable}: ${inside}: ${problem}`));
  put(layer, keys, value);
  layer.names.set(key, variable);
}

/** A variable that sets the same key, a key above it or one below it. PORT and HOST give way instead. */
function conflicting(names: Map<string, string>, key: string): string | null {
  for (const [taken, variable] of names) {
    if (Object.hasOwn(PLAIN_VARIABLES, variable) && taken === key) continue;
    if (taken === key || taken.startsWith(`${key}.`) || key.startsWith(`${taken}.`)) return variable;
  }
  return null;
}

/** Text is read as YAML, so that 30, true and [a, b] mean what they look like; what is no YAML is text. */
function parseValue(
  text: string,
  keys: string[],
  onProblem: (key: string, problem: string) => void,
): unknown {
  const problems: [string, string][] = [];
  const value = parseYaml(text, keys, (key, problem) => problems.push([key, problem]));
  if (problems.length === 0) return value;
  if (!/^[[{]/.test(text.trim())) return text;
  for (const [key, problem] of problems) onProblem(key, problem);
  return undefined;
}

function plainValue(key: string, text: string): unknown {
  return key === "port" && /^\d+$/.test(text) ? Number(text) : text;
}

function put({ tree }: EnvironmentLayer, keys: string[], value: unknown): void {
  let node = tree;
  for (const key of keys.slice(0, -1)) {
    const next = node[key];
    if (isTree(next)) node = next;
    else node[key] = node = newTree();
  }
  node[keys.at(-1) ?? ""] = value;
}

function refuseUnknown(variable: string, text: string, standard: Tree, problems: string[]): void {
  if (OWN_VARIABLES.has(variable) || OTHER_VARIABLES.some((known) => known === variable)) return;
  if (SERVICE_VARIABLE.test(variable) || (variable === "POOLWISE_PORT" && text.includes("://"))) return;
  const meant = likelyMeant(variable, standard);
  problems.push(
    meant
      ? `${variable}: found an unknown variable, expected ${meant}`
      : `${variable}: found an unknown variable, expected POOLWISE_<SECTION>__<KEY> or one of ${OTHER_VARIABLES.join(", ")}`,
  );
}

/** The variable whose letters are the same but for the underscores, or whose last part is what was given. */
function likelyMeant(variable: string, standard: Tree): string | null {
  const known = [...settingVariables(standard, "POOLWISE_"), ...OTHER_VARIABLES];
  const given = squeezed(variable);
  return (
    known.find((name) => squeezed(name) === given) ??
    known.find((name) => squeezed(`POOLWISE_${name.split("__").at(-1) ?? ""}`) === given) ??
    null
  );
}

function squeezed(name: string): string {
  return name.replaceAll("_", "");
}

function settingVariables(tree: Tree, prefix: string): string[] {
  return Object.entries(tree).flatMap(([key, value]) => {
    const name = `${prefix}${key.toUpperCase()}`;
    return isTree(value) && Object.keys(value).length > 0 ? settingVariables(value, `${name}__`) : [name];
  });
}
