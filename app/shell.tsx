"use client";

import { AppShell, Burger, Button } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import {
  IconChartHistogram,
  IconChecklist,
  IconFileDownload,
  IconHeartRateMonitor,
  IconPlus,
  IconServer2,
  IconSettings,
  type Icon,
} from "@tabler/icons-react";
import Link from "next/link";
import { usePathname } from "next/navigation";
import type { ReactNode } from "react";
import { ColorSchemeToggle } from "@/lib/ui/color-scheme-toggle";
import { Logo } from "@/lib/ui/logo";
import classes from "./shell.module.css";

type NavigationItem = { href: string; label: string; icon: Icon };

const NAVIGATION: readonly NavigationItem[] = [
  { href: "/", label: "Dashboard", icon: IconChartHistogram },
  { href: "/tasks", label: "Tasks", icon: IconChecklist },
  { href: "/pools", label: "Pools", icon: IconServer2 },
  { href: "/reports", label: "Reports", icon: IconFileDownload },
  { href: "/monitoring", label: "Monitoring", icon: IconHeartRateMonitor },
  { href: "/settings", label: "Settings", icon: IconSettings },
];

export function Shell({ children }: { children: ReactNode }) {
  const [opened, { toggle, close }] = useDisclosure(false);
  return (
    <>
      <a className="skip-link" href="#content">
        Skip to content
      </a>
      <AppShell
        layout="alt"
        header={{ height: { base: 52, sm: 0 } }}
        navbar={{ width: 224, breakpoint: "sm", collapsed: { mobile: !opened } }}
      >
        <AppShell.Header hiddenFrom="sm" className={classes.header}>
          <Burger
            opened={opened}
            onClick={toggle}
            size="sm"
            aria-label="Navigation"
            aria-expanded={opened}
            aria-controls="navigation"
          />
          <Brand onNavigate={close} />
        </AppShell.Header>
        <AppShell.Navbar id="navigation" className={classes.navbar} aria-label="Main" data-closed={!opened}>
          <div className={classes.brandRow}>
            <Brand onNavigate={close} />
            <Burger opened onClick={close} size="sm" hiddenFrom="sm" aria-label="Close navigation" />
          </div>
          <Navigation onNavigate={close} />
          <div className={classes.foot}>
            <ColorSchemeToggle />
          </div>
        </AppShell.Navbar>
        <AppShell.Main id="content" tabIndex={-1} className={classes.main}>
          <div className={classes.page}>{children}</div>
        </AppShell.Main>
      </AppShell>
    </>
  );
}

function Brand({ onNavigate }: { onNavigate: () => void }) {
  return (
    <Link href="/" className={classes.brand} onClick={onNavigate}>
      <Logo size={22} />
      <span>Poolwise</span>
    </Link>
  );
}

function Navigation({ onNavigate }: { onNavigate: () => void }) {
  const pathname = usePathname();
  return (
    <div className={classes.navigation}>
      <Button
        component={Link}
        href="/tasks/new"
        onClick={onNavigate}
        leftSection={<IconPlus size={16} aria-hidden />}
        fullWidth
        justify="flex-start"
        mb="md"
        aria-current={pathname === "/tasks/new" ? "page" : undefined}
      >
        New task
      </Button>
      <ul className={classes.links}>
        {NAVIGATION.map((item) => (
          <li key={item.href}>
            <NavigationLink item={item} active={isActive(item.href, pathname)} onNavigate={onNavigate} />
          </li>
        ))}
      </ul>
    </div>
  );
}

type NavigationLinkProps = { item: NavigationItem; active: boolean; onNavigate: () => void };

function NavigationLink({ item, active, onNavigate }: NavigationLinkProps) {
  const Symbol = item.icon;
  return (
    <Link
      href={item.href}
      className={classes.link}
      onClick={onNavigate}
      aria-current={active ? "page" : undefined}
    >
      <Symbol size={17} stroke={1.75} aria-hidden />
      {item.label}
    </Link>
  );
}

function isActive(href: string, pathname: string): boolean {
  if (href === "/") return pathname === "/";
  if (pathname === "/tasks/new") return false;
  return pathname === href || pathname.startsWith(`${href}/`);
}
