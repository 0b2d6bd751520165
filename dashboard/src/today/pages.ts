import { IconSunHigh } from '@tabler/icons-react';
import { lazy } from 'react';
import type { ConsolePage } from '../shell/console-page.ts';

export const PAGES: readonly ConsolePage[] = [
  {
    path: '/',
    component: lazy(() => import('./today-page.tsx')),
    nav: { label: 'Today', icon: IconSunHigh, group: 'Money', order: 0 },
  },
];
