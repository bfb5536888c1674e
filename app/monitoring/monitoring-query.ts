import { queryOptions } from "@tanstack/react-query";
import { requestJson } from "@/lib/api/request";
import { PoolwiseError } from "@/lib/errors";
import type { MonitoringView } from "@/lib/shape/monitoring";

const REFRESH_MS = 5_000;
/** More than the server grants its own database to answer, so that a slow database is reported as such. */
const TIMEOUT_MS = 15_000;

/** The server's state, read again every five seconds while the page is in front. */
export function monitoringQuery() {
  return queryOptions({
    queryKey: ["monitoring"],
    queryFn: ({ signal }) => readMonitoring(signal),
    refetchInterval: REFRESH_MS,
    refetchOnWindowFocus: true,
    staleTime: REFRESH_MS,
  });
}

/** A server that hangs has to show as one that does not answer, instead of leaving the page as it was. */
async function readMonitoring(signal: AbortSignal): Promise<MonitoringView> {
  const timeout = AbortSignal.timeout(TIMEOUT_MS);
  try {
    return await requestJson("/api/monitoring", { signal: AbortSignal.any([signal, timeout]) });
  } catch (error) {
    if (signal.aborted || !timeout.aborted) throw error;
    throw new PoolwiseError(503, `The server did not answer within ${TIMEOUT_MS / 1_000} s.`, [], {
      cause: error,
    });
  }
}
