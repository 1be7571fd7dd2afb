// Where nothing can be had: it is said, nothing is picked, and it ends by itself.

import assert from 'node:assert/strict';
import { it } from 'node:test';
import { browser, house } from './house.mjs';
import { MANAGER, Visitor } from './stage.mjs';

const patient = { timeout: 90_000 };

it('a show that is cancelled under my eyes sells nothing more; the desk still looks after its seats', patient, async () => {
  const manager = await house.client(MANAGER);
  const visitor = await Visitor.come(browser, house);
  const { page } = visitor;
  await visitor.goTo('/show/3');
  await visitor.seat('C1').click();
  await visitor.sees('C1', 'picked');
  await manager.must('POST', '/shows/3/cancel', { reason: 'test' });
  await visitor.reads('.notice-box', /cancelled/);
  await visitor.sees('C1', 'available');
  await visitor.reads('#selection-summary', /^Nothing can be picked\.$/);
  await visitor.seat('C2').click({ force: true });
  await visitor.reads('.readout', /cancelled/);
  await page.keyboard.press('b');
  await visitor.reads('#toasts', /cancelled/);
  await page.locator('#btn-hold').click({ force: true });
  await page.getByRole('button', { name: 'Choose from a list' }).click();
  assert.equal(await page.locator('dialog').count(), 0);
  assert.equal(await page.locator('[data-state="picked"]:not(.sample)').count(), 0);
  assert.deepEqual(await page.locator('#btn-best, #btn-hold').evaluateAll((all) => all.map((each) => each.getAttribute('aria-disabled'))), ['true', 'true']);
  await visitor.leave();
  const clerk = await Visitor.come(browser, house);
  await clerk.isSignedIn(MANAGER);
  await clerk.page.goto('/desk?show=3');
  await clerk.page.locator('#seat-grid').waitFor();
  await clerk.page.getByText('Manage', { exact: true }).click();
  await clerk.seat('C1').click();
  await clerk.page.getByRole('button', { name: 'Take C1 off sale' }).waitFor();
  await clerk.leave();
});

it('sold out is said on the board, and no longer when a seat comes back', patient, async () => {
  const manager = await house.client(MANAGER);
  const [movie] = (await manager.must('GET', '/movies')).data;
  const screen = await manager.must('POST', '/screens', { name: 'Closet', rows: 'A:2' });
  const show = await manager.must('POST', '/shows', { movie: movie.id, screen: screen.id, starts_at: new Date(Date.now() + 86_400_000).toISOString(), price: { amount_minor: 500, currency: 'EUR' } });
  const max = await house.customer('max');
  const first = await max.must('POST', `/shows/${show.id}/holds`, { seats: ['A1'] });
  await max.must('POST', `/holds/${first.id}/book`, {});
  const hold = await max.must('POST', `/shows/${show.id}/holds`, { seats: ['A2'] });
  const visitor = await Visitor.come(browser, house);
  await visitor.goTo(`/show/${show.id}`);
  await visitor.reads('.notice-box', /^Sold out\. 1 seat is held and may come back\.$/);
  assert.equal(await visitor.page.locator('#btn-best').isVisible(), false);
  await max.must('DELETE', `/holds/${hold.id}`);
  await visitor.page.locator('#btn-best').waitFor();
  assert.equal(await visitor.page.locator('.notice-box').textContent(), '');
  await visitor.page.locator('#btn-best').click();
  await visitor.sees('A2', 'picked');
  await visitor.leave();
});

it('the best seats come into sight, also where somebody looks elsewhere', patient, async () => {
  const manager = await house.client(MANAGER);
  const [movie] = (await manager.must('GET', '/movies')).data;
  for (const [name, rows] of [['Wide', 'A-J:60'], ['Vast', 'A-AN:60']]) {
    const screen = await manager.must('POST', '/screens', { name, rows });
    const show = await manager.must('POST', '/shows', { movie: movie.id, screen: screen.id, starts_at: new Date(Date.now() + 86_400_000).toISOString(), price: { amount_minor: 500, currency: 'EUR' } });
    const visitor = await Visitor.come(browser, house, { viewport: { width: 900, height: 900 } });
    await visitor.goTo(`/show/${show.id}`);
    for (let times = 0; times < 6; times += 1) await visitor.page.getByRole('button', { name: 'Zoom in' }).click();
    await visitor.page.locator('.map-scroll, .map-canvas').evaluate((map) => {
      if (map.matches('.map-scroll')) map.scrollTo(0, 0);
      else for (let at = 0; at < 40; at += 1) map.dispatchEvent(new WheelEvent('wheel', { deltaX: -400, deltaY: -400, bubbles: true, cancelable: true }));
    });
    await visitor.page.locator('#btn-best').click();
    await visitor.page.waitForFunction(() => {
      const label = document.querySelector('.chip-seat')?.textContent;
      const box = document.querySelector('.map-frame')?.getBoundingClientRect();
      const seat = label && document.querySelector('seat-map')?.rectOf(label);
      return seat && seat.left >= box.left && seat.right <= box.right && seat.top >= box.top && seat.bottom <= box.bottom;
    });
    await visitor.leave();
  }
});
