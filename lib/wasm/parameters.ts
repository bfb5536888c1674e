import { QueryError } from "./errors";

type ParameterValue = string | number | boolean | null;
export type Parameters = Readonly<Record<string, ParameterValue>>;

export type BoundStatement = { text: string; values: ParameterValue[] };

// Quoted text and comments first, so that a dollar inside them is left alone.
const TOKEN = /'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|\/\*[\s\S]*?\*\/|\$([A-Za-z_][A-Za-z0-9_]*)/g;

/**
 * Turns `$name` into the numbered parameters that the browser's driver binds; a name used twice is bound once.
 * Throws a QueryError when the statement and the values do not name the same parameters.
 */
export function bindParameters(sql: string, parameters: Parameters): BoundStatement {
  const order = new Map<string, number>();
  const text = sql.replace(TOKEN, (token: string, name: string | undefined) => {
    if (name === undefined) return token;
    const position = order.get(name) ?? order.size + 1;
    order.set(name, position);
    return `$${position}`;
  });
  const values = [...order.keys()].map((name) => {
    const value = parameters[name];
    if (value === undefined) throw new QueryError(`The statement needs a value for $${name}`, sql);
    return value;
  });
  const unused = Object.keys(parameters).filter((name) => !order.has(name));
  if (unused.length > 0) throw new QueryError(`The statement has no parameter $${unused.join(", $")}`, sql);
  return { text, values };
}
