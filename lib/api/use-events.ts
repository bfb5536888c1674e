"use client";

import { useQueryClient, type QueryKey } from "@tanstack/react-query";
import { useEffect, useEffectEvent, useState } from "react";
import { subscribeToEvents } from "./events";
import type { PoolwiseEvent } from "@/lib/shape/events";

/** A busy server sends hundreds of events a second; what is shown is read again at most this often. */
const REFRESH_INTERVAL_MS = 1_000;

type Options = {
  queryKey: QueryKey;
  /** Which events make the query stale. */
  concerns: (event: PoolwiseEvent) => boolean;
};

/** Keeps a query fresh from the server's events. Returns whether the stream is connected, `null` before the first answer. */
export function useLiveQuery({ queryKey, concerns }: Options): boolean | null {
  const client = useQueryClient();
  const [connected, setConnected] = useState<boolean | null>(null);
  const isConcerned = useEffectEvent(concerns);
  const refresh = useEffectEvent(() => void client.invalidateQueries({ queryKey }));

  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | null = null;
    let refreshedAt = 0;
    const refreshSoon = () => {
      timer ??= setTimeout(
        () => {
          timer = null;
          refreshedAt = Date.now();
          refresh();
        },
        Math.max(0, refreshedAt + REFRESH_INTERVAL_MS - Date.now()),
      );
    };
    const unsubscribe = subscribeToEvents(
      (event) => {
        if (isConcerned(event)) refreshSoon();
      },
      (isConnected) => {
        setConnected(isConnected);
        if (isConnected) refreshSoon();
      },
    );
    return () => {
      if (timer) clearTimeout(timer);
      unsubscribe();
    };
  }, []);

  return connected;
}
