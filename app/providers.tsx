"use client";

import { MantineProvider } from "@mantine/core";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { NuqsAdapter } from "nuqs/adapters/next/app";
import { useState, type ReactNode } from "react";
import { cssVariables, theme } from "@/lib/ui/theme";

export function Providers({ children }: { children: ReactNode }) {
  const [queryClient] = useState(createQueryClient);
  return (
    <QueryClientProvider client={queryClient}>
      <MantineProvider theme={theme} cssVariablesResolver={cssVariables} defaultColorScheme="auto">
        <NuqsAdapter>{children}</NuqsAdapter>
      </MantineProvider>
    </QueryClientProvider>
  );
}

function createQueryClient(): QueryClient {
  // Answers come from immutable snapshots on this machine: nothing is gained by asking again unprompted,
  // and the browser's own idea of being online says nothing about a server on loopback.
  return new QueryClient({
    defaultOptions: {
      queries: { networkMode: "always", refetchOnWindowFocus: false, retry: false, staleTime: Infinity },
      mutations: { networkMode: "always" },
    },
  });
}
