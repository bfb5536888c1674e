import init from "parquet-wasm/esm";
import { messageOf } from "@/lib/errors";
import { decodePart } from "./decode-part";
import type { DecodeRequest, DecodeResponse } from "./decode-protocol";
import { createQueue } from "./queue";

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

// Parts arrive side by side, but decoding two at once would only hold the memory of both.
const enqueue = createQueue();

self.addEventListener("message", (event: MessageEvent<DecodeRequest>) => {
  void answer(event.data);
});

async function answer(request: DecodeRequest): Promise<void> {
  try {
    const ipc = await decode(request);
    post({ id: request.id, ok: true, ipc }, [ipc.buffer]);
  } catch (error) {
    const code = error instanceof PartError ? error.code : "format";
    post({ id: request.id, ok: false, code, message: messageOf(error) }, []);
  }
}

async function decode(request: DecodeRequest): Promise<Uint8Array<ArrayBuffer>> {
  const [part] = await Promise.all([fetchPart(request), openDecoder()]);
  const ipc = await enqueue(() => decodePart(part, request.columns));
  // Typed as possibly shared memory, which could not be handed over.
  return new Uint8Array(ipc);
}

async function fetchPart({ url, bytes }: DecodeRequest): Promise<Blob> {
  const { response, part } = await download(url);
  if (response.status === 404 || response.status === 410) throw new PartError("changed", `${url} is gone`);
  if (!response.ok) throw new PartError("network", `${url} answered ${response.status}`);
  if (part.size !== bytes) throw new PartError("network", `${url} has ${part.size} bytes, expected ${bytes}`);
  return part;
}

async function download(url: string): Promise<{ response: Response; part: Blob }> {
  try {
    const response = await fetch(url);
    return { response, part: await response.blob() };
  } catch (error) {
    throw new PartError("network", messageOf(error));
  }
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
