/** What the page asks of the decode worker. */
export type DecodeRequest = { id: number; url: string; bytes: number; columns: readonly string[] };

export type DecodeResponse =
  | { id: number; ok: true; ipc: Uint8Array<ArrayBuffer> }
  | { id: number; ok: false; code: "network" | "changed" | "format"; message: string };
