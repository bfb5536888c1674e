"use client";

import { PageHeader } from "@/lib/ui/page-header";
import { ErrorNotice } from "@/lib/ui/error-notice";

type ErrorPageProps = { error: Error & { digest?: string }; reset: () => void };

export default function ErrorPage({ error, reset }: ErrorPageProps) {
  return (
    <>
      <PageHeader title="This page could not be shown" />
      <ErrorNotice
        title="Something went wrong on this page"
        description={
          <>
            Your tasks and data are not affected. Try again; if it happens once more, look in the
            server&apos;s log
            {error.digest === undefined ? "" : ` for ${error.digest}`}.
          </>
        }
        onRetry={reset}
      />
    </>
  );
}
