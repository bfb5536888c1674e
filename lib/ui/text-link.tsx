"use client";

import { Anchor } from "@mantine/core";
import Link from "next/link";
import type { ReactNode } from "react";

type TextLinkProps = { href: string; children: ReactNode };

/** A link in running text. Server components use this: they may not hand a component to Mantine themselves. */
export function TextLink({ href, children }: TextLinkProps) {
  return (
    <Anchor component={Link} href={href} inherit underline="always">
      {children}
    </Anchor>
  );
}
