import { IconBuildingStore } from '@tabler/icons-react';
import { lazy } from 'react';
import type { ConsolePage } from '../shell/console-page.ts';

export const PAGES: readonly ConsolePage[] = [
  {
    path: '/sellers',
    component: lazy(() => import('./sellers-page.tsx')),
    nav: { label: 'Sellers', icon: IconBuildingStore, group: 'Money', order: 30 },
  },
  { path: '/sellers/:id', component: lazy(() => import('./seller-page.tsx')) },
];
