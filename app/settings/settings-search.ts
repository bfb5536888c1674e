import type { SettingView } from "@/lib/shape/setting";

/** Settings that contain every word of the search, in key, value, source or description. */
export function matchingSettings(settings: SettingView[], search: string): SettingView[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return settings;
  return settings.filter(({ key, value, source, where, description }) => {
    const text = `${key} ${value} ${source} ${where} ${description}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

/** By first part of the key, in the order of first appearance. */
export function sectionsOf(settings: SettingView[]): [string, SettingView[]][] {
  const sections = new Map<string, SettingView[]>();
  for (const setting of settings) {
    const name = setting.key.split(".", 1)[0] ?? setting.key;
    const entries = sections.get(name);
    if (entries) entries.push(setting);
    else sections.set(name, [setting]);
  }
  return [...sections];
}
