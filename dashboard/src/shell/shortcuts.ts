import { useLocalStorage } from '@mantine/hooks';
import { useEffect } from 'react';

/** What the keys do, for the help. */
export const SHORTCUTS: readonly [key: string, does: string][] = [
  ['/', 'Search'],
  ['j', 'Next row'],
  ['k', 'Row before'],
  ['Enter', 'Open the row'],
  ['?', 'This help'],
];

/** Whether the keys do anything: who dictates, or types by switches, can turn them off. */
export function useShortcutsSetting(): [isOn: boolean, set: (isOn: boolean) => void] {
  const [isOn, set] = useLocalStorage({
    key: 'quittance-shortcuts',
    defaultValue: true,
    getInitialValueInEffect: false,
  });
  return [isOn, set];
}

/** Listens to the keys, but not while somebody types or a dialog is open. */
export function useShortcuts(isOn: boolean, help: () => void): void {
  useEffect(() => {
    if (!isOn) return undefined;
    const press = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.metaKey || event.altKey || isTaken(event.target)) return;
      if (act(event.key, help)) event.preventDefault();
    };
    document.addEventListener('keydown', press);
    return () => document.removeEventListener('keydown', press);
  }, [isOn, help]);
}

/** Goes to the field that searches the list. */
export function focusSearch(): void {
  document.querySelector<HTMLElement>('[data-search]')?.focus();
}

function act(key: string, help: () => void): boolean {
  if (key === '?') help();
  else if (key === 'j') moveRow(1);
  else if (key === 'k') moveRow(-1);
  else if (key === '/') focusSearch();
  else return false;
  return true;
}

function isTaken(target: EventTarget | null): boolean {
  const isTyping =
    target instanceof HTMLElement && target.matches('input, textarea, select, [contenteditable]');
  return isTyping || document.querySelector('[role=dialog], [role=menu]') !== null;
}

function moveRow(by: 1 | -1): void {
  const rows = [...document.querySelectorAll<HTMLElement>('.row-link')];
  const at = rows.indexOf(document.activeElement as HTMLElement);
  const next = at < 0 ? 0 : Math.min(rows.length - 1, Math.max(0, at + by));
  rows[next]?.focus();
}
