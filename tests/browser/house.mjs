// One house and one browser for all tests of a file, opened before the first and closed after the last.

import { after, before } from 'node:test';
import { House, openBrowser } from './stage.mjs';

/** @type {House} */
export let house;
/** @type {import('playwright-core').Browser} */
export let browser;

before(async () => {
  browser = await openBrowser();
  house = await House.open();
});
after(async () => {
  await browser?.close();
  await house?.close();
});
