import type { IconProps } from '@tabler/icons-react';
import type { ComponentType, LazyExoticComponent } from 'react';
import type { Role } from '../session/session.ts';

export const GROUPS = ['Money', 'Machinery', 'House'] as const;

/** A page of the console. Each noun lists its own in `pages.ts`, as `PAGES`. */
export interface ConsolePage {
  /** As wouter writes it: `/orders/:id`. */
  path: string;
  component: LazyExoticComponent<ComponentType>;
  /** Who may open it; a viewer when left out. */
  role?: Role;
  /** Its line in the navigation. */
  nav?: { label: string; icon: ComponentType<IconProps>; group: (typeof GROUPS)[number]; order: number };
  /** Shown to who is not signed in, without the shell around it. */
  outside?: boolean;
}

const found = import.meta.glob<{ PAGES: readonly ConsolePage[] }>('../*/pages.ts', { eager: true });

/** All pages, in the order of the navigation. */
export const PAGES: readonly ConsolePage[] = Object.values(found)
  .flatMap(({ PAGES }) => PAGES)
  .toSorted((a, b) => (a.nav?.order ?? 0) - (b.nav?.order ?? 0));
