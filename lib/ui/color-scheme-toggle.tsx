"use client";

import {
  SegmentedControl,
  useMantineColorScheme,
  VisuallyHidden,
  type MantineColorScheme,
} from "@mantine/core";
import { useMounted } from "@mantine/hooks";
import { IconDeviceDesktop, IconMoon, IconSun, type Icon } from "@tabler/icons-react";

const SCHEMES: readonly { value: MantineColorScheme; label: string; icon: Icon }[] = [
  { value: "light", label: "Light", icon: IconSun },
  { value: "auto", label: "Same as system", icon: IconDeviceDesktop },
  { value: "dark", label: "Dark", icon: IconMoon },
];

export function ColorSchemeToggle() {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  // The server cannot know the choice kept in this browser, so the first render shows the default.
  const mounted = useMounted();
  return (
    <SegmentedControl
      size="xs"
      fullWidth
      aria-label="Colour scheme"
      value={mounted ? colorScheme : "auto"}
      onChange={setColorScheme}
      data={SCHEMES.map((scheme) => ({ value: scheme.value, label: <Choice {...scheme} /> }))}
    />
  );
}

function Choice({ label, icon: Symbol }: { label: string; icon: Icon }) {
  return (
    <span title={label} style={{ display: "grid", placeItems: "center", height: 20 }}>
      <Symbol size={15} stroke={1.75} aria-hidden />
      <VisuallyHidden>{label}</VisuallyHidden>
    </span>
  );
}
