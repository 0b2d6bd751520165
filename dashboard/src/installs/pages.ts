import { IconApps } from '@tabler/icons-react';
import { lazy } from 'react';
import type { ConsolePage } from '../shell/console-page.ts';

export const PAGES: readonly ConsolePage[] = [
  {
    path: '/installs',
    component: lazy(() => import('./installs-page.tsx')),
    nav: { label: 'Installs', icon: IconApps, group: 'Machinery', order: 60 },
  },
  { path: '/installs/:id', component: lazy(() => import('./install-page.tsx')) },
];
