import { queryOptions } from "@tanstack/react-query";
import { requestJson } from "@/lib/api/request";
import type { MonitoringView } from "@/lib/shape/monitoring";

const REFRESH_MS = 5_000;

/** The server's state, read again every five seconds while the page is in front. */
export function monitoringQuery() {
  return queryOptions({
    queryKey: ["monitoring"],
    queryFn: ({ signal }) => requestJson<MonitoringView>("/api/monitoring", { signal }),
    refetchInterval: REFRESH_MS,
    refetchOnWindowFocus: true,
    staleTime: REFRESH_MS,
  });
}
