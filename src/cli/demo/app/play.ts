import type { Cast, Play } from '../play.ts';
import { installs } from './installs.ts';
import { permissions } from './permissions.ts';
import { requests } from './requests.ts';
import { rotation } from './rotation.ts';
import { setTheStage } from './setting.ts';
import { timetable } from './timetable.ts';
import { uninstall } from './uninstall.ts';

/** The example app, installed, used and uninstalled. */
export const APP: Play = {
  shop: { shopName: 'Payment notes', products: [] },
  steps: 24,
  acts: [playApp],
};

async function playApp(cast: Cast): Promise<void> {
  const play = await setTheStage(cast);
  const acts = [installs, requests, permissions, rotation, timetable, uninstall];
  try {
    for (const act of acts) await act(play);
  } finally {
    play.app.close();
  }
}
