import { IconShoppingCart } from '@tabler/icons-react';
import { lazy } from 'react';
import type { ConsolePage } from '../shell/console-page.ts';

export const PAGES: readonly ConsolePage[] = [
  {
    path: '/orders',
    component: lazy(() => import('./orders-page.tsx')),
    nav: { label: 'Orders', icon: IconShoppingCart, group: 'Money', order: 20 },
  },
  { path: '/orders/:id', component: lazy(() => import('./order-page.tsx')) },
];
