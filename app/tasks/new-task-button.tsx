"use client";

import { Button } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import Link from "next/link";

/** A client component: a server component cannot hand `Link` to Mantine as the element to render. */
export function NewTaskButton() {
  return (
    <Button component={Link} href="/tasks/new" leftSection={<IconPlus size={16} aria-hidden />}>
      New task
    </Button>
  );
}
