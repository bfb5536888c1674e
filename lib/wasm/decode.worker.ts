import init, { readParquet } from "parquet-wasm/esm";
import type { DecodeRequest, DecodeResponse } from "./decode-protocol";

// The reader's default of 1,024 rows makes decoding and inserting four times slower.
const BATCH_ROWS = 131_072;
const MODULE = "parquet_wasm_bg.wasm";

class PartError extends Error {
  readonly code: "network" | "changed" | "format";

  constructor(code: PartError["code"], message: string) {
    super(message);
    this.code = code;
  }
}

declare const self: DedicatedWorkerGlobalScope;

let ready: Promise<unknown> | undefined;

self.addEventListener("message", (event: MessageEvent<DecodeRequest>) => {
  void answer(event.data);
});

async function answer(request: DecodeRequest): Promise<void> {
  try {
    const ipc = await decode(request);
    post({ id: request.id, ok: true, ipc }, [ipc.buffer]);
  } catch (error) {
    const code = error instanceof PartError ? error.code : "format";
    const message = error instanceof Error ? error.message : String(error);
    post({ id: request.id, ok: false, code, message }, []);
  }
}

async function decode(request: DecodeRequest): Promise<Uint8Array<ArrayBuffer>> {
  const [bytes] = await Promise.all([fetchPart(request), openDecoder()]);
  const table = readParquet(bytes, { batchSize: BATCH_ROWS, columns: [...request.columns] });
  // A copy outside the module's memory, so that it can be handed over.
  return new Uint8Array(table.intoIPCStream());
}

async function fetchPart(request: DecodeRequest): Promise<Uint8Array> {
  let response: Response;
  try {
    response = await fetch(request.url);
  } catch (error) {
    throw new PartError("network", error instanceof Error ? error.message : String(error));
  }
  if (response.status === 404 || response.status === 410)
    throw new PartError("changed", `${request.url} is gone`);
  if (!response.ok) throw new PartError("network", `${request.url} answered ${response.status}`);
  const bytes = new Uint8Array(await response.arrayBuffer());
  if (bytes.length !== request.bytes) {
    throw new PartError("network", `${request.url} has ${bytes.length} bytes, expected ${request.bytes}`);
  }
  return bytes;
}

function openDecoder(): Promise<unknown> {
  ready ??= init({ module_or_path: new URL(MODULE, self.location.href) }).catch((error: unknown) => {
    ready = undefined;
    throw new PartError("network", `the Parquet decoder did not load: ${String(error)}`);
  });
  return ready;
}

function post(response: DecodeResponse, transfer: Transferable[]): void {
  self.postMessage(response, transfer);
}
