import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { build } from 'esbuild';
import { getReferral } from '../../src/client/index.js';
import { describeWithBrowser, givenBrowser, type Browser } from '../support/machines/browser.js';
import { givenNetwork, type FoundedServer } from '../support/machines/process.js';

/** The policy of docs/protocol/partner-app.md, *Apps in a browser*. */
const policyFor = (issuer: string): string =>
  `default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src ${issuer}; base-uri 'none'; form-action 'none'`;

/** What a partner's app does, with relais/client, in a page of its own. */
const APP = `
import { Device, findService, recordConsent, sealReferral, sendReferral, Problem } from './src/client/index.js';
globalThis.send = async (state, { from, to: id }) => {
  const device = await Device.start(state);
  const decision = { purpose: 'health-care', fields: ['calledName'], language: 'fr', modality: 'spoken',
    representation: 'none', alternativesOffered: [], teachBack: true };
  const consent = recordConsent(await device.charter(), await device.today(), decision);
  const to = await findService(device, id);
  const { sealed } = await sealReferral(device, { from, to, consent, record: { calledName: 'Sam' }, priority: 'routine' });
  return (await sendReferral(device, sealed)).referral;
};
globalThis.refused = async (state) => {
  const device = await Device.start(state);
  const call = { method: 'POST', path: '/v1/referrals/none/transitions', body: { event: 7 }, idempotencyKey: 'x' };
  return device.session.json(call).catch(({ code, errors, instance }) => ({ code, errors, instance }));
};
`;

/** A page of a partner's own, on an origin that the server does not know. */
describeWithBrowser('an app in a browser on another origin', () => {
  let server: FoundedServer;
  let browser: Browser;
  let app: Server;
  let origin: string;

  beforeAll(async () => {
    [server, browser] = [await givenNetwork(), await givenBrowser()];
    const { outputFiles } = await build({
      stdin: { contents: APP, resolveDir: '.', loader: 'js' },
      bundle: true,
      write: false,
      format: 'esm',
      platform: 'browser',
      target: 'es2022',
    });
    app = createServer((request, response) => {
      const isScript = request.url === '/app.js';
      response.setHeader('content-type', isScript ? 'text/javascript' : 'text/html');
      response.setHeader('content-security-policy', policyFor(server.address));
      response.end(
        isScript ? outputFiles[0]?.text : '<!doctype html><script type="module" src="/app.js"></script>',
      );
    });
    await new Promise<void>((done) => app.listen(0, '127.0.0.1', done));
    origin = `http://127.0.0.1:${(app.address() as AddressInfo).port}`;
  }, 240_000);
  afterAll(async () => {
    await browser.close();
    app.close();
    await server.stop();
  });

  it('sends a referral, and reads why it is refused', async () => {
    const { page, faults } = await browser.device();
    await page.goto(origin);
    await page.waitForFunction('globalThis.refused !== undefined');
    const { laRuelle, clinique } = server.network;
    const state = JSON.stringify(laRuelle.worker.state);
    const services = JSON.stringify({ from: laRuelle.service, to: clinique.service });
    const referral = await page.evaluate<string>(`send(${state}, ${services})`);
    expect(await getReferral(clinique.worker, referral)).toMatchObject({ status: 'requested' });
    expect(await page.evaluate(`refused(${state})`)).toMatchObject({
      code: 'input_invalid',
      errors: [{ pointer: '/event' }],
      instance: expect.stringMatching(/^urn:uuid:/),
    });
    expect(faults).toEqual([]);
  });

  it('hears nothing of pages and health', async () => {
    const { page } = await browser.device();
    await page.goto(origin);
    for (const path of ['/docs', '/health/ready', '/receipt', '/problems/not_found']) {
      const heard = `fetch('${server.address}${path}').then(() => 'heard', () => 'nothing')`;
      expect([path, await page.evaluate(heard)]).toEqual([path, 'nothing']);
    }
  });
});
