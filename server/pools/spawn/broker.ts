/**
 * Starts programs for the server, as a process of its own: starting one copies the page tables of whoever asks,
 * which takes the server, with its database in memory, long enough to be felt by everyone else.
 * Speaks the messages of protocol.ts over the IPC channel (serialization "advanced") and ends with it.
 */
import { startRun, type Run } from "./broker-run";
import type { FromBroker, ToBroker } from "./protocol";

// The server keeps its own files private; what programs create has the permissions of whoever started the server.
const umask = process.env.POOLWISE_UMASK;
if (umask !== undefined && /^[0-7]{1,4}$/.test(umask)) process.umask(parseInt(umask, 8));

const runs = new Map<string, Run>();

function tell(message: FromBroker): void {
  // Without a channel there is nobody to tell; "disconnect" ends everything.
  if (process.connected) process.send?.(message, undefined, undefined, () => undefined);
}

function handle(message: ToBroker): void {
  if (message.type === "stop") {
    runs.get(message.id)?.stop(); // none when it ended while the message was under way
    return;
  }
  const { id, request } = message;
  const run = startRun(request, {
    onStarted: (pid) => tell({ type: "started", id, pid }),
    onOutput: (chunk) => tell({ type: "output", id, chunk }),
    onExit: (result) => {
      runs.delete(id);
      tell({ type: "exit", id, result });
    },
  });
  runs.set(id, run);
}

async function end(): Promise<void> {
  await Promise.all([...runs.values()].map((run) => run.destroy()));
  process.exit(0);
}

// A terminal sends Ctrl-C to everyone in it; the server decides when its programs stop, and then disconnects.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => undefined);
process.on("message", handle);
process.on("disconnect", () => void end());
if (process.send === undefined) {
  process.stderr.write("This program is started by the Poolwise server and does nothing by itself.\n");
  process.exit(2);
}
// The server may have closed again before this was ready.
if (!process.connected) process.exit(0);
