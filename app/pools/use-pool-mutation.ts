"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { POOLS_KEY } from "@/lib/api/pools";
import type { PoolView } from "@/lib/shape/pool";

/** One change to the pools, after which the list is read again. */
export function usePoolMutation<Input>(change: (input: Input) => Promise<PoolView>, onDone?: () => void) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: change,
    onSuccess: () => onDone?.(),
    onSettled: () => client.invalidateQueries({ queryKey: POOLS_KEY }),
  });
}
