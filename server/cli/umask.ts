import "server-only";

const PRIVATE = 0o077;
/** The broker reads it: what recipes create belongs to the repository, with the permissions people chose. */
const VARIABLE = "POOLWISE_UMASK";

let chosen = 0o022;

/** From here on, files this process creates are for its user alone: prompts and outputs are in many of them. */
export function keepFilesPrivate(): void {
  chosen = process.umask(PRIVATE);
  process.env[VARIABLE] = chosen.toString(8);
}

/** Permissions of a file that a person asked for by name, outside the data directory. */
export function chosenMode(): number {
  return 0o666 & ~chosen;
}

/** Does what is not about anyone's data, such as building, as if nothing had been changed. */
export async function withChosenUmask<T>(action: () => Promise<T>): Promise<T> {
  process.umask(chosen);
  try {
    return await action();
  } finally {
    process.umask(PRIVATE);
  }
}
