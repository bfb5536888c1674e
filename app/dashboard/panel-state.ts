import type { PanelState } from "@/lib/ui/panel";

type Query = { data: unknown; error: Error | null; refetch: () => unknown };

type PanelStateOptions = { isEmpty: boolean; empty: Extract<PanelState, { kind: "empty" }> };

/** What a panel shows for a query. Rows that are there stay while newer ones are on their way. */
export function panelState(query: Query, options: PanelStateOptions): PanelState {
  if (query.data === undefined && query.error !== null) {
    return {
      kind: "error",
      title: "This panel could not be computed",
      description: query.error.message,
      onRetry: () => void query.refetch(),
    };
  }
  if (query.data === undefined) return { kind: "loading" };
  return options.isEmpty ? options.empty : { kind: "content" };
}

export function nothingRan(words: string): Extract<PanelState, { kind: "empty" }> {
  return { kind: "empty", title: "Nothing ran", description: `No executions in the ${words}.` };
}
